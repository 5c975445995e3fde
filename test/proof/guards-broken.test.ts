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
  // Remembered by nobody but this pass.
  return { ...real, settle: async (candidate, outcome, pass) => (broken.has('claim') && outcome.change?.attempt?.phase === 'Claimed' ? candidate : real.settle(candidate, outcome, pass)) };
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
