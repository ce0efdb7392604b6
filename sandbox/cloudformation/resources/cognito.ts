import {
  arn,
  fail,
  generatedName,
  MIXED,
  randomText,
  serviceRefusal,
  text,
  type ResourceType,
} from "./resource-type.ts";

const userPool: ResourceType = {
  type: "AWS::Cognito::UserPool",
  properties: [
    ...["AccountRecoverySetting", "AdminCreateUserConfig", "AliasAttributes"],
    ...["AutoVerifiedAttributes", "DeletionProtection", "DeviceConfiguration"],
    ...["EmailAuthenticationMessage", "EmailAuthenticationSubject", "EmailConfiguration"],
    ...["EmailVerificationMessage", "EmailVerificationSubject", "EnabledMfas", "LambdaConfig"],
    ...["MfaConfiguration", "Policies", "Schema", "SmsAuthenticationMessage"],
    ...["SmsConfiguration", "SmsVerificationMessage", "UserAttributeUpdateSettings"],
    ...["UserPoolAddOns", "UserPoolName", "UserPoolTags", "UserPoolTier", "UsernameAttributes"],
    ...["UsernameConfiguration", "VerificationMessageTemplate", "WebAuthnFactorConfiguration"],
    ...["WebAuthnRelyingPartyID", "WebAuthnUserVerification"],
  ],
  required: [],
  createOnly: [],
  fixed: ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"],
  attributes: ["Arn", "ProviderName", "ProviderURL", "UserPoolId"],
  physicalId: (_, env) => `${env.region}_${randomText(env, 9, MIXED)}`,
  attributesOf: (_, poolId, env) => ({
    Arn: arn(env, "cognito-idp", `userpool/${poolId}`),
    ProviderName: `cognito-idp.${env.region}.${env.urlSuffix}/${poolId}`,
    ProviderURL: `https://cognito-idp.${env.region}.${env.urlSuffix}/${poolId}`,
    UserPoolId: poolId,
  }),
  deleting({ properties }) {
    if (text(properties, "DeletionProtection") === "ACTIVE") {
      const message =
        "The user pool cannot be deleted because deletion protection is activated. " +
        "Deletion protection must be inactivated first.";
      fail(serviceRefusal("CognitoIdentityProvider", message));
    }
  },
};

const userPoolClient: ResourceType = {
  type: "AWS::Cognito::UserPoolClient",
  properties: [
    ...["AccessTokenValidity", "AllowedOAuthFlows", "AllowedOAuthFlowsUserPoolClient"],
    ...["AllowedOAuthScopes", "AnalyticsConfiguration", "AuthSessionValidity", "CallbackURLs"],
    ...["ClientName", "DefaultRedirectURI", "EnablePropagateAdditionalUserContextData"],
    ...["EnableTokenRevocation", "ExplicitAuthFlows", "GenerateSecret", "IdTokenValidity"],
    ...["LogoutURLs", "PreventUserExistenceErrors", "ReadAttributes", "RefreshTokenRotation"],
    ...["RefreshTokenValidity", "SupportedIdentityProviders", "TokenValidityUnits"],
    ...["UserPoolId", "WriteAttributes"],
  ],
  required: ["UserPoolId"],
  createOnly: ["GenerateSecret", "UserPoolId"],
  attributes: ["ClientId", "ClientSecret", "Name"],
  randomAttributes: ["ClientSecret", "Name"],
  physicalId: (_, env) => randomText(env, 26, "abcdefghijklmnopqrstuvwxyz0123456789"),
  attributesOf: (properties, clientId, env) => ({
    ClientId: clientId,
    ...(text(properties, "GenerateSecret") === "true"
      ? { ClientSecret: randomText(env, 51, MIXED) }
      : {}),
    Name: text(properties, "ClientName") ?? generatedName(env, 128),
  }),
  check(properties, env) {
    const poolId = text(properties, "UserPoolId")!;
    if (env.inventory.get(userPool.type, env.accountId, env.region, poolId) === undefined) {
      const message = `User pool ${poolId} does not exist.`;
      fail(serviceRefusal("CognitoIdentityProvider", message, "NotFound"));
    }
  },
};

export const cognitoTypes = [userPool, userPoolClient];
