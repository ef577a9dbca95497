import * as z from "zod/mini";
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

const schema = /* @__PURE__ */ lazy((): z.ZodMiniType<TariffSnapshot> => {
  const positive = z.int().check(z.positive());
  return z.object({ tariffId: positive, name: z.string(), price: positive, durationDays: positive });
});

export function snapshotOf({ id, name, price, durationDays }: Tariff): TariffSnapshot {
  return { tariffId: id, name, price, durationDays };
}

/** The snapshot in a payment's `data`; undefined where there is none. */
export function readSnapshot(data: unknown): TariffSnapshot | undefined {
  return schema().safeParse(data).data;
}
