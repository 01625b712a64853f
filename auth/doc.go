// Package auth decides who somebody is: it registers people, signs them in and
// out, and turns a token back into a person, the same way for REST and for
// sockets.
//
// Two tokens come out of signing in. The access token is a JWT that lives
// [AccessLife]; it is checked by its signature and then against its session,
// which is kept in the store and can be revoked. The refresh token is opaque,
// lives [RefreshLife] from its making, is stored hashed, and is replaced at
// each use. Showing one that was replaced ends the session: somebody has a
// copy.
//
// One case looks like theft and is not: the answer with the new token was
// lost, or two tabs of a browser renewed at the same moment, and the replaced
// token comes again within [RefreshGrace]. It gets the very successor that it
// got before, so no second line of tokens begins, and whoever uses the older
// one later still ends the session. Only when the process was restarted in
// between is the successor forgotten, and another one is made.
//
// A live socket first registers under its session with [Service.Watch] and
// asks [Service.CheckSession] second. A revocation is in the store first and
// told to the registered second. So there is no moment at which a socket of a
// revoked session stays unnoticed.
//
// Whatever takes somebody's right to be here (another password, a reset link, a
// disabled or deleted account) ends sessions in the transaction that takes it,
// and tells their sockets before the call returns.
//
// Links carry [Link] tokens of 128 random bits, stored hashed, each good for
// one thing: to become the first owner, to set a password anew, to make an
// account. What owners and admins may do to whom is in [chat.ServerRole] and is
// judged by the store, with the roles of that moment.
//
// Passwords are argon2id. Bcrypt hashes from Turbo-Chat are accepted and
// replaced at the first sign-in. An unknown address costs the same work and
// gets the same answer as a wrong password; only an account that still has a
// bcrypt hash differs in time.
package auth
