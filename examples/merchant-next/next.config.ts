import type { NextConfig } from "next";

const config: NextConfig = {
  // Its mock of Payme loads its pages when they are asked for: from node_modules, not from a bundle.
  serverExternalPackages: ["payme-kit"],
};

export default config;
