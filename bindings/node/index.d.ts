// SPDX-License-Identifier: MIT
/// <reference types="node" />
import * as tls from 'tls';
import { EventEmitter } from 'events';
import { Duplex } from 'stream';

// Node's types; the declarations below replace those of the same name.
export * from 'tls';

/** Names, or the wire form: each name after a byte with its length. */
export type Protocols = ReadonlyArray<string | NodeJS.ArrayBufferView> |
  NodeJS.ArrayBufferView;

/** The opaque `SecureContext#context`, accepted in place of the SecureContext. */
export interface RawContext {
  readonly __rawContext?: never;
}

export class SecureContext {
  constructor(options?: tls.SecureContextOptions);
  readonly context: RawContext;
}

export type AnyContext = SecureContext | RawContext;

/** A server's choice of a context: returned (2011), or by callback (today). */
export type SNICallback = (
  servername: string,
  callback: (error: Error | null, context?: AnyContext) => void
) => AnyContext | void;

/** Options that Node does not have. */
export interface StreamOptions {
  /** By NPN (TLS 1.2 only), and by ALPN beside it. */
  NPNProtocols?: Protocols;
  ALPNProtocols?: any;
  /**
   * Accept the end of the connection without close_notify as the end of the
   * data, even in the middle of an answer: an attacker can then truncate it,
   * and only `truncated` is true then. True with tlstream/register.
   */
  insecureAllowTruncation?: boolean;
  /** Client: verify the chain, but not that it is for the host. */
  insecureSkipName?: boolean;
  /** Milliseconds; 10 seconds unless given. */
  handshakeTimeout?: number;
}

export interface ConnectionOptions extends StreamOptions,
  Omit<tls.ConnectionOptions, 'secureContext' | keyof StreamOptions> {
  secureContext?: AnyContext;
}

export interface TlsOptions extends StreamOptions,
  Omit<tls.TlsOptions, 'SNICallback' | keyof StreamOptions> {
  SNICallback?: SNICallback;
}

export interface TLSSocketOptions extends StreamOptions,
  Omit<tls.TLSSocketOptions, 'SNICallback' | 'secureContext' | 'server' |
    keyof StreamOptions> {
  SNICallback?: SNICallback;
  secureContext?: AnyContext;
  server?: Server;
  /** The host whose name the server's certificate must have. */
  host?: string;
  servername?: string;
}

/** An error of a connection: `code` is Node's where Node has one. */
export interface TlsError extends NodeJS.ErrnoException {
  /** tlstream's name of the error, such as ERR_TLSTREAM_TRUNCATED. */
  tlstreamCode?: string;
  /** The side that sent the alert. */
  side?: 'ours' | 'theirs';
  /** The alert's name, such as unknown_ca. */
  alert?: string;
  /** What to do about it. */
  hint?: string;
  library?: string;
  reason?: string;
  host?: string;
  cert?: tls.PeerCertificate;
}

export class TLSSocket extends tls.TLSSocket {
  constructor(socket?: Duplex, options?: TLSSocketOptions);
  /** The application protocol, by NPN or by ALPN; false for none. */
  readonly npnProtocol: string | false | null | undefined;
  /** The name that a client asked for (SNI); false for none. */
  readonly servername: string | false | null;
  /** The peer has closed the connection without close_notify. */
  readonly truncated: boolean;
  /** Every fault of the peer's certificate. */
  getAuthorizationErrors(): TlsError[];
}

/** Its name in 2011. */
export const CleartextStream: typeof TLSSocket;
export type CleartextStream = TLSSocket;

export class Server extends tls.Server {
  constructor(listener?: (socket: TLSSocket) => void);
  constructor(options: TlsOptions, listener?: (socket: TLSSocket) => void);
  /** `*` stands for a whole label; an exact name takes precedence. */
  addContext(hostname: string,
    context: tls.SecureContextOptions | AnyContext): void;
  on(event: 'secureConnection', listener: (socket: TLSSocket) => void): this;
  on(event: 'tlsClientError',
    listener: (error: TlsError, socket: TLSSocket) => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
  once(event: 'secureConnection', listener: (socket: TLSSocket) => void): this;
  once(event: 'tlsClientError',
    listener: (error: TlsError, socket: TLSSocket) => void): this;
  once(event: string, listener: (...args: any[]) => void): this;
}

export class SecurePair extends EventEmitter {
  readonly cleartext: TLSSocket;
  readonly encrypted: Duplex;
  readonly credentials: SecureContext;
  destroy(): void;
}

export function connect(options: ConnectionOptions,
  callback?: () => void): TLSSocket;
export function connect(port: number | string, host?: string,
  options?: ConnectionOptions, callback?: () => void): TLSSocket;
export function connect(port: number | string, host: string,
  callback: () => void): TLSSocket;
export function connect(port: number | string, options?: ConnectionOptions,
  callback?: () => void): TLSSocket;
export function connect(port: number | string,
  callback: () => void): TLSSocket;

export function createServer(listener?: (socket: TLSSocket) => void): Server;
export function createServer(options: TlsOptions,
  listener?: (socket: TLSSocket) => void): Server;

export function createSecureContext(
  options?: tls.SecureContextOptions): SecureContext;
/** The name of createSecureContext() in 2011. */
export function createCredentials(
  options?: tls.SecureContextOptions): SecureContext;

export function createSecurePair(credentials?: AnyContext, isServer?: boolean,
  requestCert?: boolean, rejectUnauthorized?: boolean,
  options?: TLSSocketOptions): SecurePair;

export function convertALPNProtocols(protocols: Protocols,
  out: { ALPNProtocols?: Buffer }): void;
