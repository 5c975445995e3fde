import { describe, expect, it } from 'vitest';
import { findShown, spellings } from '../../test/support/spell-secret.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { SecretValue } from './secret-value.ts';
import { createStriker, struckSecret } from './strike-secrets.ts';

const secrets = ['y_NbAkKc66ryYTWUXYEu', 'pdus+_0XBPWQQ_2ef5a9c1-d7e4+4b/9=', 'a "quoted" <p@ss>: &wörd\\9', 'correct horse battery staple'];
const striker = createStriker(secrets.map((secret) => new SecretValue(secret)));

describe('guard 7: a secret in what another side says', () => {
  for (const [name, spell] of Object.entries(spellings)) {
    it.each(secrets)(`${name}: of %s nothing is left, and what stands around it is`, (secret) => {
      const said = `The request failed (${spell(secret)}), see the log`;
      expect(findShown(said, [secret]), 'the test finds it').toEqual([secret]);
      const text = striker.strike(said);
      expect(findShown(text, [secret])).toEqual([]);
      expect(text).toMatch(/^The request failed \(.*\[secret\].*\), see the log$/s);
    });
  }

  it('leaves what is none as it is', () => {
    const texts = ['User cannot be deleted as they have 3 incidents', 'x'.repeat(10_000), '', '\ud800 100% \\u00 &#; %zz &amp', 'Ünï¢ödé – “quotes” 👩‍💻', 'y_NbAk'];
    for (const text of texts) expect(striker.strike(text)).toBe(text);
  });

  it('strikes a short one, of which no part is known, wherever it is', () => {
    const short = createStriker([new SecretValue('s3cr'), new SecretValue('')]);
    expect(short.strike('wrong s3cr, czNjcg==, 73336372')).toBe(`wrong ${struckSecret}, czNjcg==, ${struckSecret}`);
  });

  it('strikes all strings of JSON, whatever holds them, and keeps the rest', () => {
    const [secret = ''] = secrets;
    const body = { error: { code: 2001, message: `no ${secret}`, errors: ['plain', { [secret]: [secret, null, true, 7] }] } };
    expect(striker.strikeJson(body)).toEqual({ error: { code: 2001, message: `no ${struckSecret}`, errors: ['plain', { [struckSecret]: [struckSecret, null, true, 7] }] } });
    let deep: unknown = secret;
    for (let level = 0; level < 5000; level += 1) deep = [deep];
    expect(JSON.stringify(striker.strikeJson(deep))).not.toContain(secret);
  });

  it('knows further ones, and forgets none', () => {
    const both = createStriker([new SecretValue('first-secret-1')]).and([new SecretValue('second-secret-2')]);
    expect(both.strike('first-secret-1, second-secret-2')).toBe(`${struckSecret}, ${struckSecret}`);
  });

  it('finds a whole one in facts of any length', () => {
    const [secret = ''] = secrets;
    const many = JSON.stringify(Array.from({ length: 1000 }, (_, at) => ({ id: `P${at}`, name: 'R\u0026D Jo', email: 'jo@example.com' })));
    expect(striker.holds(many)).toBe(false);
    const usual = ['plain', 'in JSON', 'for a URL', 'in base64', 'in base64url', 'in base64, as Basic', 'in hexadecimal', 'every unit for JSON'];
    for (const name of usual) expect([name, striker.holds(many + (spellings[name]?.(secret) ?? ''))]).toEqual([name, true]);
    expect(createStriker([new SecretValue('name')]).holds(many)).toBe(false);
  });

  it('takes time in proportion to the text, whatever it says', () => {
    const [secret = ''] = secrets;
    const hostile = [secret, secret.slice(0, 7), '%25', '\\u005c', '&amp;', '\\', 'Zg', '\u200b', 'y'];
    const time = (text: string): number => {
      const start = performance.now();
      striker.strike(text);
      return performance.now() - start;
    };
    for (const piece of hostile) {
      const small = piece.repeat(Math.ceil(16_000 / piece.length));
      time(small);
      const [short, long] = [Math.min(time(small), time(small)), Math.min(time(small.repeat(8)), time(small.repeat(8)))];
      expect([piece, long < 200 + short * 24]).toEqual([piece, true]);
    }
  });

  it('never fails, and never leaves eight characters of one, in texts made at random of pieces of it', () => {
    const random = createSeededRandom(5);
    const names = Object.keys(spellings);
    for (let round = 0; round < 400; round += 1) {
      const secret = secrets[Math.floor(random() * secrets.length)] ?? '';
      const said = Array.from({ length: 4 }, () => {
        const spelled = spellings[names[Math.floor(random() * names.length)] ?? '']?.(secret) ?? '';
        return spelled.slice(Math.floor(random() * 6), spelled.length - Math.floor(random() * 6));
      }).join(' | ');
      expect([said, findShown(striker.strike(said), [secret])]).toEqual([said, []]);
    }
  });
});
