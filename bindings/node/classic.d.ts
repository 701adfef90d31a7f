// SPDX-License-Identifier: MIT
import { ConnectionOptions, TLSSocket } from './index';

export * from './index';

type Argument = string | ConnectionOptions | (() => void) | null | undefined;

/** The port, then host, options and callback in any order. */
export function connect(port: number | string,
  ...others: Argument[]): TLSSocket;
export function connect(options: ConnectionOptions,
  callback?: () => void): TLSSocket;
