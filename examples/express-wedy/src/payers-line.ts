import type { NextFunction, RequestHandler } from "express";
import type { Logger } from "payme-kit";
import { overloaded } from "./refusal";

/** Options of {@link payersLine}. */
export interface PayersLineOptions {
  readonly logger: Logger;
  /** False while the database has no connection for another payer: then the line stands. Default: always true. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: (() => number) | undefined;
}

/** A rush may wait so long. */
const RUSH_MS = 3_000;
/** Once the line was never empty for that time, waiting longer makes nobody's answer better: then the limit is this. */
const LASTING_MS = 1_000;
/** Node 20 takes in one new connection in a turn: so many, Payme's among them, come in for each payer that is started. */
const TURNS_EACH = 2;
const ROOM_AGAIN_MS = 1;
/** So many are refused in one turn: a rush gets late all at once. */
const REFUSED_EACH = 4;
/** One line of the log tells how many were refused in that time. */
const TOLD_EVERY_MS = 10_000;

/**
 * Starts one request in a few turns of the event loop. What does not stand in this line, Payme's calls, is answered between two of
 * them, however many come at once. Who has waited for too long is refused with 503 and nothing done.
 */
export function payersLine({ logger, hasRoom, now = () => performance.now() }: PayersLineOptions): RequestHandler {
  const line: { readonly next: NextFunction; readonly since: number }[] = [];
  let isMoving = false;
  let emptyAt = 0;
  let refused = 0;

  function move(turnsLeft: number): void {
    if (turnsLeft > 0) return void setImmediate(move, turnsLeft - 1);
    const at = now();
    const limit = at - emptyAt > RUSH_MS ? LASTING_MS : RUSH_MS;
    const isRoom = hasRoom?.() !== false;
    // After a pause of the process all are late: the last one is carried out, or nobody would be.
    const isLate = () => line.length > Number(isRoom) && at - (line[0]?.since ?? at) > limit;
    let inThisTurn = 0;
    for (; inThisTurn < REFUSED_EACH && isLate(); inThisTurn += 1) refuse(line.shift());
    isMoving = line.length > 0;
    if (!isMoving) return;
    if (inThisTurn === REFUSED_EACH) return void setImmediate(move, 0);
    if (!isRoom) return void setTimeout(move, ROOM_AGAIN_MS, 0);
    line.shift()?.next();
    setImmediate(move, TURNS_EACH - 1);
  }

  function refuse(late: (typeof line)[number] | undefined): void {
    refused += 1;
    if (refused === 1) setTimeout(tell, TOLD_EVERY_MS).unref();
    late?.next(overloaded());
  }

  function tell(): void {
    logger.warn("the server was overloaded: payers were refused", { refused, seconds: TOLD_EVERY_MS / 1_000 });
    refused = 0;
  }

  return (_request, _response, next) => {
    const since = now();
    if (line.push({ next, since }) === 1) emptyAt = since;
    if (!isMoving) setImmediate(move, 0);
    isMoving = true;
  };
}
