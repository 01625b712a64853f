/** What a client and the server say to each other: the same types as in the library for programs. */
export * from '../../../clients/typescript/src/protocol'
