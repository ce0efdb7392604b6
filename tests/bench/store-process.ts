/** The embedded store alone in a process; prints its endpoint, and ends when its input does. */
import { startEmbeddedDynamoDb } from "../../metering/adapters/embedded-dynamodb.ts";

const { endpoint } = await startEmbeddedDynamoDb({});
process.stdout.write(`${endpoint}\n`);
process.stdin.resume().on("end", () => process.exit(0));
