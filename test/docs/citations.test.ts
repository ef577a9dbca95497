import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const TEXT = /\.(?:[cm]?[jt]s|json|md|ya?ml|html|css)$|^\.ci\/|Dockerfile|^\.[a-z]+$/;
/** A page, as code and docs name it. Addresses on the web are not ours to check. */
const PAGE = /(?<![\w/.:-])(?:\.{0,2}\/)?[\w@-][\w./@-]*\.md\b/g;
/** A file or folder of the repository, as docs name it. */
const PATH = /`((?:src|test|docs|bench|scripts|examples|\.ci|\.github)\/[\w./-]*)[*`]/g;

/** They put the names of pages together. The site's own check of links follows what comes of it. */
const PUT_TOGETHER = /^site\/(?:pages|reference)\.mjs$/;

interface Citation {
  readonly file: string;
  readonly target: string;
}

/** The files that git keeps, and those that it would keep if they were added. */
function filesOfTheRepository(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\n")
    .filter(
      (file) =>
        TEXT.test(file) &&
        !/package-lock\.json$/.test(file) &&
        !PUT_TOGETHER.test(file) &&
        existsSync(join(root, file)),
    );
}

function citationsIn(file: string, text: string): Citation[] {
  const pages = [...text.replace(/\bhttps?:\/\/\S+/g, "").matchAll(PAGE)].map(([target]) => target);
  const paths = file.endsWith(".md") ? [...text.matchAll(PATH)].map(([, target = ""]) => target) : [];
  return [...pages, ...paths].map((target) => ({ file, target }));
}

/** True where the target is there, seen from its file, from the root or from `docs`. */
function resolves({ file, target }: Citation): boolean {
  return [dirname(file), ".", "docs"].some((from) => existsSync(resolve(root, from, target)));
}

describe("every citation", () => {
  const citations = filesOfTheRepository().flatMap((file) => citationsIn(file, readFileSync(join(root, file), "utf8")));

  it("resolves inside the repository", () => {
    expect(citations.length).toBeGreaterThan(100);
    expect(citations.filter((citation) => !resolves(citation))).toEqual([]);
  });

  it("would be found dead where its page or file is not there", () => {
    // Put together here, so that this file cites no page that is not there.
    const text = `See ${["no-such-page", "md"].join(".")}, \`src/no-such-file.ts\` and [it](../${["gone", "md"].join(".")}).`;
    const dead = citationsIn("docs/README.md", text);
    expect(dead.map(({ target }) => target)).toHaveLength(3);
    expect(dead.filter(resolves)).toEqual([]);
  });
});
