import type { Clock } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import type { Logger } from "../kit/logger";
import { seldom } from "../kit/seldom";
import { currentTrace } from "../kit/trace";
import { earliestLive } from "../ledger";
import type { ClockEvent } from "./merchant-event";

/** Compares the `time` of a new transaction with this machine's clock, and says in the log where they differ. */
export interface ClockWatch {
  /** True for a `time` whose 12 hours are over. Each such call is logged: it is a sale that is lost. */
  isTooOld(paymeId: string, time: number): boolean;
}

/** A call that is repeated after a lost answer comes a little late, too. */
const TOLERATED_MS = 120_000;
const WARN_EVERY_MS = 3_600_000;
const HINT =
  "Set this machine's clock by NTP. One call alone may also have been under way for long: Payme repeats a call that was not answered.";

interface Watched {
  readonly now: Clock;
  readonly logger: Logger;
  readonly onEvent: EventListener<ClockEvent> | undefined;
  readonly cashbox: string;
}

/** Returns the clock watch of one endpoint: it warns of a difference at most once an hour. */
export function watchClock({ now, logger, onEvent, cashbox }: Watched): ClockWatch {
  const mayWarn = seldom(WARN_EVERY_MS);

  return {
    isTooOld(paymeId, time) {
      const ourTime = now();
      const clocks = () => ({ transaction_id: paymeId, paymeTime: utc(time), ourTime: utc(ourTime), hint: HINT });
      const isTooOld = time < earliestLive(ourTime);
      if (isTooOld)
        logger.warn("CreateTransaction was refused: Payme's time is more than 12 hours before ours", clocks());
      else if (Math.abs(ourTime - time) > TOLERATED_MS && mayWarn(ourTime)) {
        logger.warn("Payme's time and ours are more than 2 minutes apart; this is said once an hour", clocks());
        const event = { kind: "clock.skew", at: ourTime, cashbox, trace: currentTrace(), paymeId } as const;
        if (onEvent !== undefined) emit(onEvent, { ...event, skewMs: ourTime - time }, logger);
      }
      return isTooOld;
    },
  };
}

/** The last moment that a Date can hold. */
const LAST_MS = 8_640_000_000_000_000;

function utc(time: number): string {
  return time <= LAST_MS ? new Date(time).toISOString() : String(time);
}
