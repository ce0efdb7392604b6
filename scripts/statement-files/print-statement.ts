import type { Statement } from "../../metering/domain/statement.ts";
import type { Product } from "../../product/definition.ts";
import { statementCsv } from "../../registration-site/views/statement-csv.ts";
import { statementFile } from "../../registration-site/views/statement-file.tsx";
import {
  PACKAGED_SCHEMA,
  toStatementDocument,
} from "../../registration-site/views/statement-schema.ts";
import { statementText } from "../../registration-site/views/statement-text.ts";

export async function statementIn(
  format: "text" | "json" | "csv" | "html",
  statement: Statement,
  product: Product,
): Promise<string> {
  switch (format) {
    case "text":
      return statementText(statement);
    case "json":
      return `${JSON.stringify(toStatementDocument(statement, PACKAGED_SCHEMA), null, 2)}\n`;
    case "csv":
      return statementCsv(statement);
    case "html":
      return statementFile(statement, product);
  }
}
