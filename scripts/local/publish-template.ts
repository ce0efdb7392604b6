import type { S3Client } from "@aws-sdk/client-s3";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Product } from "../../product/definition.ts";
import { commercialRegions } from "../../product/regions.ts";
import type { PublishedTemplate } from "../../registration-site/ports.ts";
import { permissionManifest } from "../../template-src/publish/permission-manifest.ts";
import type { SynthesizedTemplate } from "../../template-src/publish/synthesize.ts";

/**
 * Puts the template where a console can fetch it, under its version and hash, so that a changed
 * template never takes a published one's place.
 */
export async function publishTemplate(
  s3: S3Client,
  origin: string,
  product: Product,
  template: SynthesizedTemplate,
): Promise<PublishedTemplate> {
  const bucket = `${product.name}-templates`;
  const key = `${template.version}/${template.sha256.slice(0, 16)}.json`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
    if (error.name !== "BucketAlreadyOwnedByYou") throw error;
  });
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: template.json,
      ContentType: "application/json",
    }),
  );
  const { permissions, resources } = permissionManifest(template.json);
  return {
    version: template.version,
    sha256: template.sha256,
    url: `${origin}/${bucket}/${key}`,
    permissions,
    resources,
    regions: product.launchStack.regions.filter((region) => commercialRegions.includes(region)),
    sizes: product.launchStack.sizes,
  };
}
