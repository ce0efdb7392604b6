import { isObject, type Json } from "../template/template.ts";
import type { Arrival } from "./response-urls.ts";

/** The request that an answer must belong to. */
export interface RequestIdentity {
  readonly requestId: string;
  readonly stackId: string;
  readonly logicalResourceId: string;
}

/** What a custom resource's function said, checked against protocol-facts B5. */
export type CustomAnswer =
  | {
      readonly kind: "success";
      readonly physicalId: string;
      readonly data: Readonly<Record<string, Json>>;
    }
  | { readonly kind: "failed"; readonly reason: string; readonly physicalId: string | undefined }
  /** Answers another request: not for us. */
  | { readonly kind: "foreign" };

const MAX_PHYSICAL_ID_BYTES = 1024;

export function readAnswer(arrival: Arrival, request: RequestIdentity): CustomAnswer {
  if (arrival.kind === "too-long") return invalid("Response object is too long.");
  let body: unknown;
  try {
    body = JSON.parse(arrival.text);
  } catch {
    return invalid("Invalid response: the body is not JSON.");
  }
  if (!isObject(body)) return invalid("Invalid response: the body is not a JSON object.");
  if (
    body.RequestId !== request.requestId ||
    body.StackId !== request.stackId ||
    body.LogicalResourceId !== request.logicalResourceId
  ) {
    return { kind: "foreign" };
  }
  const physicalId =
    typeof body.PhysicalResourceId === "string" ? body.PhysicalResourceId : undefined;
  if (body.Status === "FAILED") {
    const reason = typeof body.Reason === "string" && body.Reason !== "" ? body.Reason : undefined;
    return reason === undefined
      ? invalid("Invalid response: a FAILED status needs a Reason.", physicalId)
      : {
          kind: "failed",
          reason: `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${request.requestId})`,
          physicalId,
        };
  }
  if (body.Status !== "SUCCESS")
    return invalid(`Invalid response status: ${JSON.stringify(body.Status)}`);
  if (physicalId === undefined || physicalId === "") return invalid("Invalid PhysicalResourceId");
  if (Buffer.byteLength(physicalId) > MAX_PHYSICAL_ID_BYTES) {
    return invalid("Invalid PhysicalResourceId: longer than 1 KB");
  }
  const data = body.Data ?? {};
  if (!isObject(data))
    return invalid("Invalid response: Data must be an object of names and values.");
  return { kind: "success", physicalId, data };
}

function invalid(reason: string, physicalId?: string): CustomAnswer {
  return { kind: "failed", reason, physicalId };
}
