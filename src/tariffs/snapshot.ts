import * as z from "zod";
import { lazy } from "../kit/lazy";
import type { Tariff } from "./tariff";

/** A tariff as it was when it was bought. Its payment keeps it: what changes later changes nothing that is paid. */
export interface TariffSnapshot {
  readonly tariffId: number;
  readonly name: string;
  /** Whole som. */
  readonly price: number;
  readonly durationDays: number;
}

const schema = lazy(
  (): z.ZodType<TariffSnapshot> =>
    z.object({
      tariffId: z.int().positive(),
      name: z.string(),
      price: z.int().positive(),
      durationDays: z.int().positive(),
    }),
);

export function snapshotOf({ id, name, price, durationDays }: Tariff): TariffSnapshot {
  return { tariffId: id, name, price, durationDays };
}

/** The snapshot in a payment's `data`; undefined where there is none. */
export function readSnapshot(data: unknown): TariffSnapshot | undefined {
  return schema().safeParse(data).data;
}
