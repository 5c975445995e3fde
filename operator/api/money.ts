import { z } from 'zod';

/**
 * Money is an integer of minor units with its currency (design section 3, D9): 4100 USD is $41.00. The
 * bound keeps every sum of a hundred thousand of them exact in a JavaScript number.
 */
export const money = z.object({
  amountMinor: z
    .int()
    .min(0)
    .max(10_000_000_000)
    .describe('Amount in minor units of the currency: 4100 with USD is $41.00, 4100 with JPY is ¥4100.'),
  currency: z
    .string()
    .length(3)
    .regex(/^[A-Z]{3}$/, 'ISO 4217 code, such as USD')
    .describe('ISO 4217 currency code, such as USD.'),
});
export type Money = z.infer<typeof money>;

/** A sum of money over many seats or months: up to the largest exact integer of a JavaScript number. */
export const moneySum = money.extend({
  amountMinor: z.int().min(0).max(9_000_000_000_000_000).describe('Amount in minor units of the currency.'),
});
