import { describe, expect, it, vi } from 'vitest';
import { allGuards, without, type Broken } from './breaks.ts';
import { calm, table, type Row } from './guard-table.ts';
import { judgeWorld, reclaimsOf } from './oracle/judge.ts';
import { liveThrough } from './story.ts';

const broken = vi.hoisted((): Broken => new Set());

// What is not in a list is broken where it is handed in: each does what the real one does unless it is named.
vi.mock(import('../../operator/licensing/reclaim/holds.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, findHold: (scene) => skipHold(real.findHold(scene)) };
});

function skipHold<T extends { hold: { reason: string } }>(found: T | undefined): T | undefined {
  return found !== undefined && broken.has(`hold:${found.hold.reason}`) ? undefined : found;
}

vi.mock(import('../../operator/licensing/reclaim/evaluate.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const createEvaluation: typeof real.createEvaluation = (context) => {
    const evaluation = real.createEvaluation(context);
    return { ...evaluation, finish: () => ({ ...evaluation.finish(), ...(broken.has('blast-radius') ? { hold: undefined } : {}) }) };
  };
  const blastRadius: typeof real.blastRadius = (ratio) => (broken.has('blast-radius') ? (undefined as never) : real.blastRadius(ratio));
  return { ...real, createEvaluation, blastRadius };
});

vi.mock(import('../../operator/controllers/removal-candidate/inspection-guards.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, endingOf: (inspection) => (broken.has('recent-activity') && inspection.kind === 'Found' ? undefined : real.endingOf(inspection)) };
});

vi.mock(import('../../operator/kubernetes/clock-trust.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, isWithinSkew: (skewMs) => broken.has('clocks') || real.isWithinSkew(skewMs) };
});

vi.mock(import('../../operator/controllers/removal-candidate/settle.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const settle: typeof real.settle = async (candidate, outcome, pass) => {
    // Remembered by nobody but this pass.
    if (broken.has('claim') && outcome.change?.attempt?.phase === 'Claimed') return candidate;
    return real.settle(candidate, broken.has('asked-address') ? withoutAskedAddress(outcome) : outcome, pass);
  };
  return { ...real, settle };
});

function withoutAskedAddress<T extends { readonly change?: object | undefined }>(outcome: T): T {
  return outcome.change === undefined ? outcome : { ...outcome, change: { ...outcome.change, askedAddress: undefined } };
}

// As if a decision counted whatever it confirms.
vi.mock(import('../../operator/licensing/candidate/decision-id.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const decisionIdOf: typeof real.decisionIdOf = (candidate, person, digest) => (broken.has('decision-id') ? (candidate.spec.decision?.confirms ?? real.decisionIdOf(candidate, person, digest)) : real.decisionIdOf(candidate, person, digest));
  return { ...real, decisionIdOf };
});

vi.mock(import('../../operator/licensing/candidate/same-person.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, isSamePerson: (subject, person) => (broken.has('same-person') ? subject.externalUserId === person.externalUserId : real.isSamePerson(subject, person)) };
});

vi.mock(import('../../operator/controllers/removal-candidate/ask-vendor.ts'), async (importOriginal) => {
  const real = await importOriginal();
  // The last look is the only question that may take so long; it then adds nothing to what was known.
  return { ...real, askVendor: async (opened, options, call) => (broken.has('last-look') && options.ms === 30_000 ? ({} as never) : real.askVendor(opened, options, call)) };
});

vi.mock(import('../../operator/licensing/candidate/memory.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, isNewborn: (question) => broken.has('newborn') || real.isNewborn(question), isBehind: (status, memory) => !broken.has('behind') && real.isBehind(status, memory) };
});

vi.mock(import('../../operator/controllers/removal-candidate/recover.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    recoverStatusOf: async (candidate, pass) => (broken.has('recovery') ? candidate : real.recoverStatusOf(candidate, pass)),
    recallCandidate: async (candidate, pass) => ({ ...(await real.recallCandidate(candidate, pass)), ...(broken.has('settled-requests') ? { settledRequests: [] } : {}) }),
  };
});

vi.mock(import('../../operator/controllers/removal-candidate/decide-attempt.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, readBeforeClosing: (scene, move, now) => (broken.has('read-before-closing') ? undefined : real.readBeforeClosing(scene, move, now)) };
});

vi.mock(import('../../operator/licensing/reclaim/review.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, isConfirmed: (rule, digest) => broken.has('confirmed') || real.isConfirmed(rule, digest) };
});

vi.mock(import('../../operator/providers/pagerduty/reclaim/judge-undo.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, judgeSeat: (seats) => (broken.has('judge-undo') && seats.present.role !== seats.former.role ? 'Raise' : real.judgeSeat(seats)) };
});

vi.mock(import('../../operator/licensing/candidate/undo-expiry.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const forget = ({ spec, status }: Parameters<typeof real.isRestoreAwaited>[0]): Parameters<typeof real.isRestoreAwaited>[0] => {
    const { restoredFor: _for, ...undo } = status?.undo ?? ({} as never);
    return { spec, status: { ...status, ...(status?.undo === undefined ? {} : { undo }) } };
  };
  return { ...real, isRestoreAwaited: (candidate) => real.isRestoreAwaited(broken.has('restored-once') ? forget(candidate) : candidate) };
});

vi.mock(import('../../operator/controllers/removal-candidate/trusted-clock.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, withTrustedClock: (scene, plan) => (broken.has('clock-gate') ? plan : real.withTrustedClock(scene, plan)) };
});

vi.mock(import('../../operator/notices/links.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return { ...real, readAnswerToken: (token, key, now) => (broken.has('answer-seal') ? real.peekAnswerToken(token) : real.readAnswerToken(token, key, now)) };
});

vi.mock(import('../../operator/controllers/removal-candidate/read-back.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const readBackAttempt: typeof real.readBackAttempt = async (candidate, pass) => {
    const { attempt } = candidate.status ?? {};
    if (!broken.has('read-back') || attempt === undefined) return real.readBackAttempt(candidate, pass);
    // As if no answer meant that nothing was done.
    return { candidate, outcome: { change: { attempt: { ...attempt, phase: 'Refused', endedAt: new Date(0).toISOString() } }, standing: { kind: 'Waiting', reason: 'Broken', message: '' }, requeueAfterMs: 0 } };
  };
  return { ...real, readBackAttempt };
});

vi.mock(import('../../operator/controllers/removal-candidate/account-turns.ts'), async (importOriginal) => {
  const real = await importOriginal();
  const createAccountTurns: typeof real.createAccountTurns = (settings) => {
    const turns = real.createAccountTurns(settings);
    const holders = new Map<string, string>();
    // As if nobody had it, whoever has it.
    const mine = (holder: string): { holder: string; endsAt: number } => ({ holder, endsAt: settings.clock.now() + real.turnLastsMs });
    return {
      ...turns,
      take: async (account, holder, signal) => {
        holders.set(account, holder);
        return broken.has('turn') ? mine(holder) : turns.take(account, holder, signal);
      },
      read: async (account, signal) => (broken.has('turn') ? { turn: mine(''), countAdmins: () => 0, reclaims: () => ({ started: [], maxPerDay: 1000 }) } : turns.read(account, signal)),
      noteReclaim: async (account, holder, note) => (broken.has('turn') ? undefined : turns.noteReclaim(account, holder, note)),
      // As if every outcome were clear.
      leave: (account) => {
        if (broken.has('leave')) turns.end(account, holders.get(account) ?? '', new AbortController().signal).catch(() => undefined);
        else turns.leave(account);
      },
    };
  };
  return { ...real, createAccountTurns };
});

vi.mock(import('../../operator/controllers/removal-candidate/undo-secret.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    saveUndo: async (candidate, content, writing) => (broken.has('bundle') ? (`${candidate.metadata.name}-undo` as never) : real.saveUndo(candidate, content, writing)),
    isStillSaved: async (candidate, saved, reading) => broken.has('bundle') || real.isStillSaved(candidate, saved, reading),
  };
});

vi.mock(import('../../operator/audit/audit-trail.ts'), async (importOriginal) => {
  const real = await importOriginal();
  return {
    ...real,
    createAuditTrail: (dependencies) => {
      const trail = real.createAuditTrail(dependencies);
      return { ...trail, append: async (namespace, entry, signal) => trail.append(namespace, broken.has('intent') && entry.event === 'WriteIntended' ? { ...entry, event: 'StateChanged' } : entry, signal) };
    },
  };
});

const most = Number(process.env['PROOF_BROKEN'] ?? 60);

interface Sought {
  readonly companies: number;
  readonly writes: number;
  readonly found: readonly string[];
}

/** Companies until one of what is looked for is found. */
async function seek({ focus, finds }: Pick<Row, 'focus' | 'finds'>, limit: number): Promise<Sought> {
  let writes = 0;
  const others = new Set<string>();
  for (let run = 1; run <= limit; run += 1) {
    const world = await liveThrough(5000 + run, focus);
    writes += reclaimsOf(world).length;
    const violations = judgeWorld(world);
    if (violations.some((name) => finds.includes(name))) return { companies: run, writes, found: violations };
    for (const name of violations) others.add(name);
  }
  return { companies: limit, writes, found: [...others] };
}

describe('a guard that is broken on purpose', () => {
  it.each(table.map((row) => [`${[row.breaks, ...(row.covered ?? [])].join(' and ')} lets through ${row.finds.join(' or ')}`, row] as const))('%s', async (_name, row) => {
    const sought = await without([row.breaks, ...(row.covered ?? [])], broken, async () => seek(row, most));
    if (process.env['PROOF_TELL'] !== undefined) process.stderr.write(`${row.breaks} + ${(row.covered ?? []).join(' ')} | ${sought.companies} companies, ${sought.writes} writes | ${sought.found.join(' ')}\n`);
    expect(sought.found.filter((name) => row.finds.includes(name)), JSON.stringify(sought)).not.toEqual([]);
  }, 120_000);
});

describe('the table of guards', () => {
  it('breaks every guard that there is', () => {
    const shown = new Set(table.flatMap(({ breaks, covered = [] }) => [breaks, ...covered]));
    expect(allGuards().filter((name) => !shown.has(`guard:${name}`))).toEqual(['OtherRule']);
  });

  it('finds nothing in the same stories while nothing is broken', async () => {
    const focuses = new Map(table.map(({ focus }) => [JSON.stringify(focus), focus]));
    for (const focus of [calm, ...focuses.values()].filter(({ noVersions }) => noVersions !== true)) {
      const { found } = await seek({ focus, finds: [] }, 2);
      expect(found, JSON.stringify(focus)).toEqual([]);
    }
  }, 240_000);
});
