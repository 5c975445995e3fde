/** PagerDuty in a box: see docs/decisions/0003-pagerduty-simulator.md for what it follows and what it lacks. */
export type { Account } from './account/account.ts';
export type { App, AppKind, AppOptions, AppPatch, Apps } from './auth/apps.ts';
export type { ApiKeyOptions } from './auth/credentials.ts';
export type * from './company/company.ts';
export type * from './company/history.ts';
export type { GenerateOptions } from './company/making.ts';
export { DEFAULT_NOW, generateCompany } from './company/generate.ts';
export type { Fault, FaultRule, FaultRules, FaultState } from './faults/rules.ts';
export type { SimulatorClock } from './http/clock.ts';
export type { Journal, JournalEntry, JournalFilter } from './http/journal.ts';
export type { ErrorVariant } from './http/replies.ts';
export type { Settings } from './http/settings.ts';
export { DEFAULT_SETTINGS } from './http/settings.ts';
export type { Simulator, SimulatorOptions } from './simulator.ts';
export { startSimulator } from './simulator.ts';
