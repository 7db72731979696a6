#!/usr/bin/env node
// Checks an exported folder offline, independently of verify.py: Node 20 or later, no dependency, no shared code.
//
//   node verify.mjs FOLDER POLICY          one line of JSON, a sentence; 0 verified, 1 tampered, 2 usage, 3 incomplete
//   node verify.mjs --batch POLICY         folders from standard input, one a line; one line of JSON for each
//
// What the folder holds is described in bundle.py, what is looked at first in verify.py; ADR 26 has the leaf.

import { createHash, createHmac, createPublicKey, verify as verifySignature } from "node:crypto";
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

const CODES = { verified: 0, tampered: 1, usage: 2, incomplete: 3 };
const WHY = {
  checkpoint: "证明所据的检查点不是本夹的检查点 · the proof is against another checkpoint than the folder's",
  digest: "内容与清单不符 · the content is not what the manifest lists",
  folder: "没有这个文件夹 · there is no such folder",
  form: "形式不对 · it does not have the form it must have",
  inclusion: "不在日志中，或被改动 · it is not in the log, or was changed",
  index: "证明的是另一条 · the proof is for another entry",
  kind: "不是普通文件 · it is no ordinary file",
  leaf: "叶与瓦片中的哈希不符 · a leaf does not have the hash the tile has",
  missing: "缺少 · it is missing",
  name: "名称与内容不符 · its name does not fit what it is",
  origin: "签署清单的是另一日志 · another log has signed the manifest than the checkpoint",
  parent: "瓦片与上一层不符 · the tile does not fit the one above it",
  policy: "策略文件无法使用 · the policy cannot be used",
  quorum: "见证人不足 · too few witnesses have signed",
  range: "超出日志的范围 · it is beyond the log's size",
  root: "瓦片与检查点的根不符 · the tiles do not lead to the root of the checkpoint",
  signature: "签名不符 · a signature does not fit",
  size: "长度与清单不符 · its length is not what the manifest lists",
  stray: "证明没有对应的开示 · a proof without its opening",
  stream: "标记属于另一流 · its tag belongs to another stream",
  tag: "标记与标记钥匙不符 · its tag does not fit the tag key of the claim",
  unanchored: "声明的流没有一条开示，无从验证标记钥匙 · no opened entry shows the tag key to be the stream's",
  unclaimed: "没有声明任何流完整，有无遗漏无从说起 · no stream is claimed to be whole, anything may be left out",
  unlisted: "清单中没有 · the manifest does not list it",
  unopened: "属于声明的流而未开示 · it belongs to a claimed stream and is not opened",
  unreadable: "有文件无法读取 · a file cannot be read",
  unsigned: "没有日志的签名 · the log has not signed it",
  usage: "用法：文件夹 策略文件 · usage: FOLDER POLICY",
  version: "流中的版本不连续，缺了前面的 · the versions of the stream have a gap before it",
};
const SAID = {
  verified: "验证通过 · verified",
  tampered: "被改动 · tampered",
  incomplete: "不完整 · incomplete",
  usage: "无法检查 · cannot be checked",
};

class Malformed extends Error {}
class BadSignature extends Error {}
class Unsigned extends Error {}
class Tampered extends Error {
  constructor(item, why) {
    super(`${item}: ${why}`);
    this.item = item;
    this.why = why;
  }
}

// The value of a step, or the folder's verdict where the step finds bytes that are not in their form.
function formed(item, step) {
  try {
    return step();
  } catch (error) {
    if (error instanceof Malformed) throw new Tampered(item, "form");
    if (error instanceof BadSignature) throw new Tampered(item, "signature");
    if (error instanceof Unsigned) throw new Tampered(item, "unsigned");
    throw error;
  }
}

// --- bytes, texts, numbers --------------------------------------------------------------------------------------------

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const HEX = /^[0-9a-f]{64}$/;

function utf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not UTF-8");
  }
}

function base64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Malformed("not base64 in its one form");
  return bytes;
}

function decimal(text) {
  const value = Number(text);
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(value)) throw new Malformed("not a number");
  return value;
}

// --- canonical JSON ---------------------------------------------------------------------------------------------------

function canonical(value) {
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value)) throw new Malformed("half a surrogate pair");
    return JSON.stringify(value);
  }
  if (Number.isSafeInteger(value) && value >= 0) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") throw new Malformed("no canonical form");
  const names = Object.keys(value).sort();
  if (names.some((name) => /[^\0-\x7f]/.test(name))) throw new Malformed("a name is not ASCII");
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function parseJson(bytes) {
  const text = utf8(bytes);
  try {
    const value = JSON.parse(text);
    if (canonical(value) === text) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  throw new Malformed("not canonical JSON");
}

// Whether a value is an object with exactly these names, each of this type.
function shaped(value, types) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const names = Object.keys(types);
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && typeof value[name] === types[name])
  );
}

const byBytes = (left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right));

// --- signed notes -----------------------------------------------------------------------------------------------------

const ED25519 = 1;
const COSIGNATURE = 4;
const SPACE_OR_PLUS = /[\t-\r +\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const CONTROL = /[\0-\x09\x0b-\x1f]/;

function keyName(name) {
  if (name === "" || SPACE_OR_PLUS.test(name) || CONTROL.test(name)) throw new Malformed("not the name of a key");
  return name;
}

function makeKey(name, kind, bytes) {
  keyName(name);
  if (bytes.length !== 32) throw new Malformed("not an Ed25519 key");
  const id = sha256(Buffer.from(`${name}\n`), Buffer.from([kind]), bytes).subarray(0, 4).toString("hex");
  return { name, kind, bytes, id };
}

function parseKey(text) {
  const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+([^]*)$/.exec(text) ?? [];
  if (name === undefined) throw new Malformed("not a verifier key");
  const raw = base64(encoded);
  if (raw[0] !== ED25519 && raw[0] !== COSIGNATURE) throw new Malformed("a type of signature not known here");
  const key = makeKey(name, raw[0], raw.subarray(1));
  if (key.id !== id) throw new Malformed("the key does not have this id");
  return key;
}

function parseNote(bytes) {
  const whole = utf8(bytes);
  const blank = whole.lastIndexOf("\n\n");
  const below = whole.slice(blank + 2);
  if (CONTROL.test(whole) || blank < 1 || !below.endsWith("\n")) throw new Malformed("not a signed note");
  const lines = below.slice(0, -1).split("\n");
  if (lines.length > 100) throw new Malformed("too many signatures");
  const signatures = lines.map((line) => {
    const [, name, encoded] = /^\u2014 ([^ ]*) ([^]*)$/.exec(line) ?? [];
    if (name === undefined) throw new Malformed("not a line of signature");
    const raw = base64(encoded);
    if (raw.length < 5) throw new Malformed("a signature is too short");
    return { name: keyName(name), id: raw.subarray(0, 4).toString("hex"), raw: raw.subarray(4) };
  });
  return { text: whole.slice(0, blank + 1), signatures };
}

const SPKI = Buffer.from("302a300506032b6570032100", "hex");

function checkSignature(key, text, signature) {
  let { raw } = signature;
  let message = text;
  if (key.kind === COSIGNATURE) {
    if (raw.length !== 72 || raw[0] > 127) throw new BadSignature();
    message = `cosignature/v1\ntime ${raw.readBigUInt64BE()}\n${text}`;
    raw = raw.subarray(8);
  }
  let fits = false;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key.bytes]), format: "der", type: "spki" });
    fits = verifySignature(null, Buffer.from(message), publicKey, raw);
  } catch {
    fits = false;
  }
  if (!fits) throw new BadSignature();
}

// The known keys that signed; a known key's signature that does not fit spoils the note.
function signedBy(note, keys) {
  const signed = new Set();
  for (const signature of note.signatures) {
    for (const key of keys) {
      if (key.name !== signature.name || key.id !== signature.id) continue;
      checkSignature(key, note.text, signature);
      signed.add(key);
    }
  }
  if (signed.size === 0) throw new Unsigned();
  return signed;
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  const rest = lines.pop();
  if (lines.length < 3 || rest !== "" || lines.some((line) => line === "")) throw new Malformed("not a checkpoint");
  const root = base64(lines[2]);
  if (root.length !== 32) throw new Malformed("not a root");
  return { origin: lines[0], size: decimal(lines[1]), root };
}

// --- the policy: who must have signed ---------------------------------------------------------------------------------

function parsePolicy(bytes) {
  const whole = bytes.toString("latin1");
  if (/[\0-\x08\x0b-\x1f\x7f]/.test(whole)) throw new Malformed("a control character");
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined };
  const members = new Set();
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  const must = (condition) => {
    if (!condition) throw new Malformed("a line of the policy is not understood");
  };
  const fresh = (name) => must(!["none", "all", "any"].includes(name) && !known(name));
  const add = (text, kind, others) => {
    let key = parseKey(utf8(Buffer.from(text, "latin1")));
    if (kind === COSIGNATURE && key.kind === ED25519) key = makeKey(key.name, COSIGNATURE, key.bytes);
    must(key.kind === kind && !others.some((other) => other.bytes.equals(key.bytes)));
    return key;
  };
  for (const line of whole.split("\n")) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "");
    if (words.length === 0 || words[0].startsWith("#")) continue;
    const [verb, name, third, ...rest] = words;
    if (verb === "log") {
      must(words.length === 2 || words.length === 3);
      policy.logs.push(add(name, ED25519, policy.logs));
    } else if (verb === "witness") {
      must(words.length === 3 || words.length === 4);
      fresh(name);
      policy.witnesses.set(name, add(third, COSIGNATURE, [...policy.witnesses.values()]));
    } else if (verb === "group") {
      must(rest.length > 0);
      for (const member of rest) {
        must(known(member) && !members.has(member));
        members.add(member);
      }
      const needed = third === "all" ? rest.length : third === "any" ? 1 : decimal(third);
      must(needed >= 1 && needed <= rest.length);
      fresh(name);
      policy.groups.set(name, { needed, members: rest });
    } else {
      must(verb === "quorum" && words.length === 2 && policy.quorum === undefined);
      must(name === "none" || known(name));
      policy.quorum = name;
    }
  }
  must(policy.quorum !== undefined);
  return policy;
}

function quorumReached(policy, signed) {
  const reached = new Set(["none"]);
  for (const [name, key] of policy.witnesses) if (signed.has(key)) reached.add(name);
  for (const [name, { needed, members }] of policy.groups) {
    if (members.filter((member) => reached.has(member)).length >= needed) reached.add(name);
  }
  return reached.has(policy.quorum);
}

// --- the tree and its tiles -------------------------------------------------------------------------------------------

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
const leafHash = (leaf) => sha256(LEAF, leaf);
const nodeHash = (left, right) => sha256(NODE, left, right);

// The roots of the perfect subtrees over some hashes, the largest first.
function peaksOf(hashes) {
  const peaks = [];
  hashes.forEach((hash, at) => {
    let top = hash;
    for (let rest = at; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeHash(peaks.pop(), top);
    peaks.push(top);
  });
  return peaks;
}

function fold(peaks) {
  if (peaks.length === 0) return sha256(Buffer.alloc(0));
  return peaks.reduceRight((right, left) => nodeHash(left, right));
}

function included(hash, index, size, proof, root) {
  if (index >= size) return false;
  let place = BigInt(index);
  let last = BigInt(size - 1);
  let top = hash;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (place % 2n === 1n || place === last) {
      top = nodeHash(sibling, top);
      while (place % 2n === 0n && place !== 0n) {
        place /= 2n;
        last /= 2n;
      }
    } else {
      top = nodeHash(top, sibling);
    }
    place /= 2n;
    last /= 2n;
  }
  return last === 0n && top.equals(root);
}

const tileName = (level, index, width) => {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `log/tile/${level}/${path}${width === 256 ? "" : `.p/${width}`}`;
};

function parseTile(path) {
  const found = /^log\/tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (!found) return undefined;
  const level = found[1] === "entries" ? "entries" : Number(found[1]);
  const groups = found[2].replaceAll("x", "").split("/");
  if (groups.length > 5 || level > 63) return undefined;
  const index = Number(groups.join(""));
  const width = found[3] === undefined ? 256 : Number(found[3]);
  if (found[3] !== undefined && (width < 1 || width > 255)) return undefined;
  return tileName(level, index, width) === path ? { path, level, index, width } : undefined;
}

const countAt = (level, size) => Math.floor(size / 256 ** (level === "entries" ? 0 : level));
const widthAt = (level, index, size) => Math.max(0, Math.min(256, countAt(level, size) - index * 256));
const tileAt = (level, index, size) => tileName(level, index, widthAt(level, index, size));

function unbundle(bytes, width) {
  const leaves = [];
  let at = 0;
  while (at < bytes.length && leaves.length < width) {
    if (at + 2 > bytes.length) throw new Malformed("cut short");
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) throw new Malformed("cut short");
    leaves.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== bytes.length || leaves.length !== width) throw new Malformed("not so many leaves");
  return leaves;
}

// --- leaves, openings, proofs -----------------------------------------------------------------------------------------

const WRITER = "(?:writer|recorder):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const LEAF_FORM = new RegExp(
  `^\\{"commitment":"[0-9a-f]{64}","position":([1-9][0-9]{0,14}),"tag":"([0-9a-f]{64})","writer":"${WRITER}"\\}$`,
);
const WRITER_FORM = new RegExp(`^${WRITER}$`);
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/;

function parseLeaf(bytes) {
  const found = LEAF_FORM.exec(bytes.toString("latin1"));
  if (!found) throw new Malformed("not a leaf");
  return { position: Number(found[1]), tag: found[2] };
}

function parseOpening(bytes) {
  const opening = parseJson(bytes);
  const [text, number] = ["string", "number"];
  const good =
    shaped(opening, { entry: "object", position: number, recorded_at: text, salt: text, tag: text, writer: text }) &&
    shaped(opening.entry, {
      body: text,
      command: text,
      kind: text,
      ordinal: number,
      stream: text,
      version: number,
    }) &&
    INSTANT.test(opening.recorded_at) &&
    HEX.test(opening.salt) &&
    HEX.test(opening.tag) &&
    WRITER_FORM.test(opening.writer) &&
    opening.entry.stream !== "" &&
    opening.entry.version >= 1 &&
    opening.position >= 1 &&
    opening.position < 1e15;
  if (!good) throw new Malformed("not an opening");
  return opening;
}

// The leaf an opening leads to.
function leafOf(opening) {
  const entry = sha256(canonical(opening.entry)).toString("hex");
  const inner = canonical({ entry, recorded_at: opening.recorded_at });
  const commitment = sha256(Buffer.from(opening.salt, "hex"), inner).toString("hex");
  return Buffer.from(
    canonical({ commitment, position: opening.position, tag: opening.tag, writer: opening.writer }),
  );
}

function parseProof(bytes) {
  const blank = bytes.indexOf("\n\n");
  const head = bytes.subarray(0, Math.max(blank, 0));
  const checkpoint = bytes.subarray(blank + 2);
  if (blank < 0 || checkpoint.length === 0 || head.some((byte) => byte > 127)) throw new Malformed("not a proof");
  const lines = head.toString("latin1").split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Malformed("not a proof");
  let extra;
  if (lines[0]?.startsWith("extra ")) extra = base64(lines.shift().slice("extra ".length));
  if (!lines[0]?.startsWith("index ")) throw new Malformed("no index");
  const index = decimal(lines.shift().slice("index ".length));
  const hashes = lines.map(base64);
  if (hashes.length > 63 || hashes.some((hash) => hash.length !== 32)) throw new Malformed("not a hash");
  return { index, hashes, checkpoint, extra };
}

const openingPath = (position) => `openings/${position}.json`;
const proofPath = (position) => `proofs/${position}.tlog-proof`;

// --- the folder -------------------------------------------------------------------------------------------------------

function safe(path) {
  return (
    /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(path) && !path.split("/").some((part) => part === "." || part === "..")
  );
}

function parseManifest(bytes) {
  const manifest = parseJson(bytes);
  if (
    !shaped(manifest, { files: "object", format: "string" }) ||
    manifest.format !== "xuncha bundle v1" ||
    !Array.isArray(manifest.files)
  ) {
    throw new Malformed("not a manifest");
  }
  manifest.files.forEach((file, at) => {
    const good =
      shaped(file, { path: "string", sha256: "string", size: "number" }) &&
      safe(file.path) &&
      !["manifest.json", "manifest.note"].includes(file.path) &&
      HEX.test(file.sha256) &&
      (at === 0 || byBytes(manifest.files[at - 1].path, file.path) < 0);
    if (!good) throw new Malformed("not a manifest");
  });
  return new Map(manifest.files.map((file) => [file.path, file]));
}

function parseClaims(bytes) {
  const listed = parseJson(bytes);
  if (
    !shaped(listed, { claims: "object", format: "string" }) ||
    listed.format !== "xuncha claims v1" ||
    !Array.isArray(listed.claims)
  ) {
    throw new Malformed("not a list of claims");
  }
  listed.claims.forEach((claim, at) => {
    const good =
      shaped(claim, { first: "number", last: "number", stream: "string", tag_key: "string" }) &&
      claim.stream !== "" &&
      HEX.test(claim.tag_key);
    if (!good) throw new Malformed("not a claim");
    if (at === 0) return;
    const before = listed.claims[at - 1];
    const order = byBytes(before.stream, claim.stream) || before.first - claim.first;
    if (order >= 0) throw new Malformed("the claims are not in order");
  });
  return listed.claims;
}

function fileDigest(path) {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(1 << 16);
    for (let read; (read = readSync(file, chunk)) > 0; ) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

// Every path that is no folder itself; links are not followed. Paths are bytes: a name need not be UTF-8.
function walk(folder, prefix = Buffer.alloc(0)) {
  const paths = [];
  for (const one of readdirSync(folder, { withFileTypes: true, encoding: "buffer" })) {
    const name = Buffer.concat([prefix, one.name]);
    if (one.isDirectory()) {
      paths.push(...walk(Buffer.concat([folder, Buffer.from("/"), one.name]), Buffer.concat([name, Buffer.from("/")])));
    } else {
      paths.push(name);
    }
  }
  return paths;
}

function shown(name) {
  return [...name]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9:._/-]/.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

class Check {
  constructor(folder, policy) {
    this.folder = folder;
    this.policy = policy;
    this.lacking = undefined;
    this.files = new Map();
  }

  lacks(item, why = "missing") {
    this.lacking ??= { verdict: "incomplete", item, why };
  }

  read(path) {
    return readFileSync(join(this.folder, path));
  }

  regular(path) {
    let status;
    try {
      status = lstatSync(join(this.folder, path));
    } catch (error) {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    }
    if (!status.isFile()) throw new Tampered(path, "kind");
    return status;
  }

  under(prefix) {
    return [...this.files.keys()].filter((path) => path.startsWith(prefix));
  }

  all() {
    const bound = this.manifest();
    if (!bound || !this.contents()) return {};
    const { checkpoint, signed } = this.checkpoint(bound.signer);
    const tags = this.tiles(checkpoint);
    const openings = this.openings(checkpoint, signed);
    const complete = this.claims(checkpoint, tags, openings);
    return {
      complete,
      manifest: bound.digest,
      opened: openings.size,
      origin: checkpoint.origin,
      root: checkpoint.root.toString("hex"),
      size: checkpoint.size,
      unclaimed: [...openings.values()].filter(
        ({ entry, position }) =>
          !complete.some(({ stream, first, last }) => stream === entry.stream && first <= position && position <= last),
      ).length,
    };
  }

  manifest() {
    for (const name of ["manifest.json", "manifest.note"]) {
      if (!this.regular(name)) {
        this.lacks(name);
        return undefined;
      }
    }
    const manifest = this.read("manifest.json");
    const { note, signer } = formed("manifest.note", () => {
      const parsed = parseNote(this.read("manifest.note"));
      const [key] = signedBy(parsed, this.policy.logs);
      if (parsed.signatures.length !== 1) throw new Malformed("one signature only");
      return { note: parsed, signer: key.name };
    });
    const digest = sha256(manifest).toString("hex");
    if (note.text !== `xuncha bundle v1\nmanifest ${digest}\n`) throw new Tampered("manifest.json", "digest");
    this.files = formed("manifest.json", () => parseManifest(manifest));
    return { digest, signer };
  }

  contents() {
    for (const [path, listed] of this.files) {
      const status = this.regular(path);
      if (!status) this.lacks(path);
      else if (status.size !== listed.size) throw new Tampered(path, "size");
      else if (fileDigest(join(this.folder, path)) !== listed.sha256) throw new Tampered(path, "digest");
    }
    const known = new Set(["manifest.json", "manifest.note", ...this.files.keys()]);
    for (const name of walk(Buffer.from(this.folder)).sort(Buffer.compare)) {
      if (!known.has(name.toString("latin1"))) throw new Tampered(shown(name), "unlisted");
    }
    for (const name of ["log/checkpoint", "claims.json"]) if (!this.files.has(name)) this.lacks(name);
    return this.lacking === undefined;
  }

  checkpoint(signer) {
    const signed = this.read("log/checkpoint");
    const checkpoint = formed("log/checkpoint", () => {
      const note = parseNote(signed);
      const parsed = parseCheckpoint(note.text);
      const by = signedBy(note, [...this.policy.logs, ...this.policy.witnesses.values()]);
      if (!this.policy.logs.some((key) => by.has(key) && key.name === parsed.origin)) throw new Unsigned();
      if (!quorumReached(this.policy, by)) this.lacks("log/checkpoint", "quorum");
      return parsed;
    });
    if (checkpoint.origin !== signer) throw new Tampered("manifest.note", "origin");
    return { checkpoint, signed };
  }

  // The tags of the leaves that are here, by entry bundle: every leaf under the root, in its place.
  tiles({ size, root }) {
    const hashes = new Map();
    const bundles = [];
    for (const path of this.under("log/")) {
      if (path === "log/checkpoint") continue;
      const tile = parseTile(path);
      if (!tile) throw new Tampered(path, "name");
      if (tile.width !== widthAt(tile.level, tile.index, size)) throw new Tampered(path, "range");
      if (tile.level === "entries") {
        bundles.push(tile);
        continue;
      }
      const bytes = this.read(path);
      if (bytes.length !== tile.width * 32) throw new Tampered(path, "form");
      const row = [];
      for (let at = 0; at < bytes.length; at += 32) row.push(bytes.subarray(at, at + 32));
      hashes.set(path, { ...tile, row });
    }
    const peaks = [];
    let whole = true;
    for (let level = 0; countAt(level, size) > 0; level += 1) {
      const count = countAt(level, size);
      if (count % 256 === 0) continue;
      const path = tileName(level, Math.floor(count / 256), count % 256);
      if (hashes.has(path)) {
        peaks.unshift(...peaksOf(hashes.get(path).row));
      } else {
        this.lacks(path);
        whole = false;
      }
    }
    if (whole && !fold(peaks).equals(root)) throw new Tampered("log/checkpoint", "root");
    for (const { path, level, index, width, row } of hashes.values()) {
      if (width !== 256) continue;
      const parent = tileAt(level + 1, Math.floor(index / 256), size);
      if (!hashes.has(parent)) this.lacks(parent);
      else if (!hashes.get(parent).row[index % 256].equals(fold(peaksOf(row)))) throw new Tampered(path, "parent");
    }
    return new Map(bundles.map((tile) => [tile.index, this.leaves(tile, hashes)]));
  }

  leaves({ path, index, width }, hashes) {
    const leaves = formed(path, () => unbundle(this.read(path), width));
    const beside = tileName(0, index, width);
    if (!hashes.has(beside)) {
      this.lacks(beside);
    } else {
      const { row } = hashes.get(beside);
      if (leaves.some((leaf, at) => !leafHash(leaf).equals(row[at]))) throw new Tampered(path, "leaf");
    }
    const parsed = formed(path, () => leaves.map(parseLeaf));
    if (parsed.some(({ position }, at) => position !== index * 256 + at + 1)) throw new Tampered(path, "index");
    return parsed.map(({ tag }) => tag);
  }

  openings(checkpoint, signed) {
    const openings = new Map();
    for (const path of this.under("openings/")) {
      const opening = formed(path, () => parseOpening(this.read(path)));
      if (path !== openingPath(opening.position)) throw new Tampered(path, "name");
      if (opening.position > checkpoint.size) throw new Tampered(path, "range");
      openings.set(opening.position, opening);
      this.proof(opening, checkpoint, signed);
    }
    const expected = new Set([...openings.keys()].map(proofPath));
    for (const path of this.under("proofs/")) if (!expected.has(path)) throw new Tampered(path, "stray");
    return openings;
  }

  proof(opening, { size, root }, signed) {
    const path = proofPath(opening.position);
    if (!this.files.has(path)) {
      this.lacks(path);
      return;
    }
    const proof = formed(path, () => parseProof(this.read(path)));
    if (proof.extra !== undefined) throw new Tampered(path, "form");
    if (proof.index !== opening.position - 1) throw new Tampered(path, "index");
    if (!proof.checkpoint.equals(signed)) throw new Tampered(path, "checkpoint");
    if (!included(leafHash(leafOf(opening)), proof.index, size, proof.hashes, root)) {
      throw new Tampered(openingPath(opening.position), "inclusion");
    }
  }

  claims({ size }, tags, openings) {
    const claims = formed("claims.json", () => parseClaims(this.read("claims.json")));
    if (claims.some(({ first, last }) => first < 1 || first > last || last > size)) {
      throw new Tampered("claims.json", "range");
    }
    if (claims.length === 0) this.lacks("claims.json", "unclaimed");
    const ordered = [...openings.values()].sort((left, right) => left.position - right.position);
    return claims.map((claim) => this.claim(claim, size, tags, openings, ordered));
  }

  claim({ first, last, stream, tag_key: key }, size, tags, openings, ordered) {
    const secret = Buffer.from(key, "hex");
    const tagAt = (position) => hmac(secret, `tag|${position}`).toString("hex");
    const opened = ordered.filter(({ entry }) => entry.stream === stream);
    for (const { position, tag } of opened) {
      if (tag !== tagAt(position)) throw new Tampered(openingPath(position), "tag");
    }
    if (opened.length === 0) this.lacks("claims.json", "unanchored");
    for (let index = Math.floor((first - 1) / 256); index <= Math.floor((last - 1) / 256); index += 1) {
      if (!tags.has(index)) {
        this.lacks(tileAt("entries", index, size));
        continue;
      }
      tags.get(index).forEach((tag, at) => {
        const position = index * 256 + at + 1;
        if (position < first || position > last || tag !== tagAt(position)) return;
        const opening = openings.get(position);
        if (!opening) this.lacks(openingPath(position), "unopened");
        else if (opening.entry.stream !== stream) throw new Tampered(openingPath(position), "stream");
      });
    }
    const within = opened.filter(({ position }) => position >= first && position <= last);
    const base = within.length > 0 && first > 1 ? within[0].entry.version : 1;
    const gap = within.find(({ entry }, at) => entry.version !== base + at);
    if (gap) this.lacks(openingPath(gap.position), "version");
    return { entries: within.length, first, last, stream };
  }
}

// --- the verdict ------------------------------------------------------------------------------------------------------

function verdictOn(folder, policy) {
  const check = new Check(folder, policy);
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      return { verdict: "usage", item: "folder", why: "folder" };
    }
    const found = check.all();
    return check.lacking ?? { verdict: "verified", ...found };
  } catch (error) {
    if (error instanceof Tampered) return { verdict: "tampered", item: error.item, why: error.why };
    if (error.syscall !== undefined) return { verdict: "usage", item: "folder", why: "unreadable" };
    throw error;
  }
}

// What was verified, and how much of the log that is.
function told({ complete, opened, origin, size, unclaimed }) {
  const part = ({ first, last }, text) => (first === 1 && last === size ? "" : text);
  const zh = complete.map(
    (claim) =>
      `${shown(Buffer.from(claim.stream))} 位置 ${claim.first} 至 ${claim.last} ` +
      `${part(claim, "（只是一段）")}的全部 ${claim.entries} 条`,
  );
  const en = complete.map(
    (claim) =>
      `${shown(Buffer.from(claim.stream))}, positions ${claim.first} to ${claim.last}` +
      `${part(claim, " (a part only)")}, all ${claim.entries} entries`,
  );
  return (
    `日志 ${origin} 共 ${size} 条，开示 ${opened} 条，均在其中、未经改动；没有遗漏的：${zh.join("；")}；` +
    `此外有无遗漏没有核对，其中开示 ${unclaimed} 条 · of the ${size} entries of ${origin}, ` +
    `${opened} are opened, each in the log, unchanged; none is left out of: ${en.join("; ")}; ` +
    `whether anything is left out elsewhere was not checked, ${unclaimed} are opened there`
  );
}

function policyAt(path) {
  try {
    return parsePolicy(readFileSync(path));
  } catch (error) {
    if (error instanceof Malformed || error.syscall !== undefined) return undefined;
    throw error;
  }
}

function main(given) {
  const batch = given[0] === "--batch";
  const [folder, path] = batch ? [undefined, given[1]] : given;
  let verdict = { verdict: "usage", item: "arguments", why: "usage" };
  if (given.length === 2) {
    const policy = policyAt(path);
    if (batch && policy) {
      const folders = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
      for (const one of folders) process.stdout.write(`${canonical(verdictOn(one, policy))}\n`);
      return 0;
    }
    verdict = policy ? verdictOn(folder, policy) : { verdict: "usage", item: "policy", why: "policy" };
  }
  process.stdout.write(`${canonical(verdict)}\n`);
  const about = verdict.item === undefined ? told(verdict) : `${verdict.item}: ${WHY[verdict.why]}`;
  process.stderr.write(`${SAID[verdict.verdict]}: ${about}\n`);
  return CODES[verdict.verdict];
}

process.exitCode = main(process.argv.slice(2));
