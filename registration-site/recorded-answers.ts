import type { CallbackAnswer } from "../template-src/contract.ts";
import type { RecordedAnswer, StackRecord } from "./site-store.ts";

/**
 * How many answers a stack keeps: far more than the attempts that fit into the minutes during
 * which AWS still accepts a captured proof.
 */
const KEPT_ANSWERS = 10;

type Request = Pick<RecordedAnswer, "requestType" | "requestId">;

/** What this very request was answered before: repeating it must change nothing. */
export function recordedAnswer(
  stack: StackRecord | undefined,
  request: Request,
): CallbackAnswer | undefined {
  return stack?.answers.find(
    ({ requestType, requestId }) =>
      requestType === request.requestType && requestId === request.requestId,
  )?.answer;
}

/** With the answer kept; the same object if this request was answered already. */
export function withAnswer(stack: StackRecord, answered: RecordedAnswer): StackRecord {
  if (recordedAnswer(stack, answered) !== undefined) return stack;
  return { ...stack, answers: [...stack.answers, answered].slice(-KEPT_ANSWERS) };
}
