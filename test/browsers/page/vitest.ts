// What the kernel tests import from vitest, for pages: its own runner and expect, without Node.

import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const { expect } = chai;
export { beforeAll, beforeEach, describe, it } from "@vitest/runner";
