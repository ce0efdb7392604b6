/**
 * What a service of the sandbox is, apart from the wire: the server authenticates the caller,
 * decodes the protocol, and encodes what comes back, be it an answer or an `AwsError`.
 */
export interface AwsService {
  /** SigV4 signing names it answers to, e.g. `["aws-marketplace"]`. */
  readonly signingNames: readonly string[];
  /** JSON target prefix (`AWSMPMeteringService`); undefined for Query services. */
  readonly targetPrefix?: string;
  /** Query services: the API version and XML namespace of their answers. */
  readonly xmlNamespace?: string;
  handle(request: AwsRequest): Promise<unknown>;
}

export interface AwsRequest {
  readonly action: string;
  /** Decoded input. Query protocol: `A.member.1.B` became `{ A: [{ B }] }`, values strings. */
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  /** From the credential scope. */
  readonly region: string;
  readonly requestId: string;
  /** Bytes of the body as received (for size limits). */
  readonly bodyBytes: number;
}

/** Who signed: a user of an account, or a session of a role. */
export interface Caller {
  readonly accountId: string;
  readonly partition: string;
  /** As GetCallerIdentity answers it. */
  readonly arn: string;
  readonly userId: string;
  /** For a role session: `arn:aws:iam::<account>:role/<path><name>`; permissions are its own. */
  readonly roleArn?: string;
}

/** An error of AWS's own: `code` is the exception's name on the wire. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    message: string,
    options: { status?: number; fields?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}

/** Accounts, users, roles and their credentials: what CloudFormation writes and STS reads. */
export interface Iam {
  /** Creates or replaces. Throws `AwsError("EntityAlreadyExists")` when `create` finds one. */
  createRole(role: IamRole): void;
  updateRole(role: IamRole): void;
  deleteRole(roleArn: string): void;
  role(roleArn: string): IamRole | undefined;
  /** Credentials of a session of this role, as Lambda gives them to a function. */
  sessionOf(roleArn: string, sessionName: string): TemporaryCredentials;
  /** Whether the caller may do this; users of an account may do everything in it. */
  isAllowed(
    caller: Caller,
    action: string,
    resource: string,
    context?: Record<string, string>,
  ): boolean;
}

export interface IamRole {
  readonly arn: string;
  readonly accountId: string;
  readonly name: string;
  /** `AROA…`, made once. */
  readonly id: string;
  readonly trustPolicy: PolicyDocument;
  readonly policies: Readonly<Record<string, PolicyDocument>>;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: unknown;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: number;
}
