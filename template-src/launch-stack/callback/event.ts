/** What CloudFormation sends to a custom resource (protocol-facts B5). */
export interface CustomResourceEvent {
  readonly RequestType: "Create" | "Update" | "Delete";
  readonly RequestId: string;
  readonly StackId: string;
  readonly ResponseURL: string;
  readonly LogicalResourceId: string;
  /** On Update and Delete. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: RegistrationProperties;
  /** On Update. */
  readonly OldResourceProperties?: Partial<RegistrationProperties>;
}

/** Every value arrives as a string, whatever the template says. */
export interface RegistrationProperties {
  readonly InstallCode: string;
  readonly TemplateVersion: string;
  readonly Resources: Readonly<Record<string, string>>;
}

/** What the stack is told in the end. */
export type Verdict =
  | {
      readonly status: "SUCCESS";
      readonly physicalResourceId: string;
      readonly data?: RegistrationData;
    }
  | { readonly status: "FAILED"; readonly physicalResourceId: string; readonly reason: string };

/** Attributes of the custom resource, for the stack's outputs. */
export interface RegistrationData {
  readonly DeploymentId: string;
  /** JSON of the site's settings. */
  readonly Settings: string;
}
