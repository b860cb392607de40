import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { qrOf } from "../../../src/hubbub/page/text/qr.js";
import { vectors } from "../vectors.js";

for (const { text, mask, size, sha256 } of vectors("qr")) {
  test(`${text.length} characters are the code that segno makes of them, with mask ${mask}`, () => {
    const rows = qrOf(text, mask);
    assert.equal(rows.length, size);
    assert.equal(createHash("sha256").update(rows.join("\n")).digest("hex"), sha256);
  });
}

test("the mask that is easiest to read is taken", () => {
  const text = "otpauth://totp/Hubbub:ada?secret=JBSWY3DPEHPK3PXP&issuer=Hubbub";
  const all = Array.from({ length: 8 }, (_, mask) => qrOf(text, mask).join("\n"));
  assert.ok(all.includes(qrOf(text).join("\n")));
  assert.equal(new Set(all).size, 8);
});

test("what is too long for a code has none", () => assert.equal(qrOf("x".repeat(1300)), null));
