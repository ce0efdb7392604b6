import { AwsError } from "../aws-service.ts";
import type { AwsRequest, AwsService, Caller } from "../aws-service.ts";
import type { IamStore } from "../iam/iam-store.ts";
import { assumeRole } from "../iam/assume-role.ts";

/** GetCallerIdentity and AssumeRole (protocol-facts D1). */
export function stsService({ iam }: { iam: IamStore }): AwsService {
  return {
    signingNames: ["sts"],
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    async handle(request: AwsRequest): Promise<unknown> {
      switch (request.action) {
        case "GetCallerIdentity":
          // Needs no permission and no policy can deny it.
          return identity(request.caller);
        case "AssumeRole":
          return assumeRole(iam, request.caller, request.input);
        default:
          throw new AwsError(
            "InvalidAction",
            `Could not find operation ${request.action} for version 2011-06-15`,
          );
      }
    },
  };
}

const identity = ({ arn, userId, accountId }: Caller) => ({
  Arn: arn,
  UserId: userId,
  Account: accountId,
});
