// Generated from package protocol by web/protocolgen. Do not edit.

/**
 * Events that a client sends. Each takes an acknowledgement callback, which gets
 * the ack struct named in the comment, or [Refusal].
 */

/** AuthenticateRequest → AuthenticateAck; unauthorized forbidden unavailable */
export const Authenticate = 'authenticate';
/** SyncRequest → SyncAck; rate_limited busy unavailable */
export const Sync = 'sync';
/** JoinRequest → JoinAck; forbidden not_found rate_limited busy unavailable unknown */
export const JoinRoom = 'joinRoom';
/** LeaveRequest → OK; forbidden not_found cid_conflict busy unavailable unknown */
export const LeaveRoom = 'leaveRoom';
/**
 * SendRequest → SendAck; forbidden not_found cid_conflict rate_limited busy
 * unavailable unknown
 */
export const SendMessage = 'sendMessage';
/**
 * EditRequest → SendAck; forbidden not_found cid_conflict gone rate_limited busy
 * unavailable unknown
 */
export const EditMessage = 'editMessage';
/**
 * DeleteRequest → SendAck; forbidden not_found cid_conflict gone rate_limited busy
 * unavailable unknown
 */
export const DeleteMessage = 'deleteMessage';
/** PageRequest → PageAck; forbidden not_found rate_limited busy unavailable */
export const GetMessages = 'getMessages';
/** RecentRequest → RecentAck; forbidden not_found rate_limited busy unavailable */
export const GetRecentMessages = 'getRecentMessages';
/** OnlineRequest → OnlineAck; forbidden not_found rate_limited busy unavailable */
export const GetOnlineUsers = 'getOnlineUsers';
/**
 * OpenDirectRequest → OpenDirectAck; forbidden not_found rate_limited busy
 * unavailable unknown
 */
export const OpenDirect = 'openDirect';
/** MarkReadRequest → MarkAck; forbidden not_found rate_limited busy unavailable */
export const MarkRead = 'markRead';
/** TypingRequest → OK; forbidden not_found rate_limited unavailable */
export const Typing = 'typing';
/** SearchPeopleRequest → SearchPeopleAck; rate_limited busy unavailable */
export const SearchPeople = 'searchPeople';
/** StatusRequest → StatusAck; rate_limited busy unavailable unknown */
export const SetStatus = 'setStatus';
/** MarkUnreadRequest → MarkAck; forbidden not_found rate_limited busy unavailable */
export const MarkUnread = 'markUnread';
/**
 * ChangeSettingsRequest → SettingsAck; forbidden not_found rate_limited busy
 * unavailable
 */
export const ChangeSettings = 'changeSettings';
/**
 * SetDraftRequest → DraftAck; forbidden not_found conflict too_large rate_limited
 * busy unavailable
 */
export const SetDraft = 'setDraft';

/**
 * Auth is the Socket.IO connect payload. A token may also come in the
 * Authorization header of the handshake; never in the query string.
 */
export interface Auth {
  /** access token from sign-in */
  token: string;
}

/** AuthenticateRequest renews the token of a live socket. */
export interface AuthenticateRequest {
  /** a fresh access token of the same person */
  token: string;
}

/**
 * RoomRef names a room by id or, for public rooms and Turbo-Chat's clients,
 * by name.
 */
export interface RoomRef {
  /** the room's id */
  roomId?: number;
  /** the room's name, when roomId is absent */
  roomName?: string;
}

/**
 * JoinRequest subscribes the socket to a room. On a public room it also makes the
 * person a member, the first time. With neither since nor latest it subscribes
 * from now.
 */
export interface JoinRequest extends RoomRef {
  /**
   * cursor of the last event the client has; "0" is the beginning; not together with
   * latest
   */
  since?: string;
  /** catch up from the so-many-th last message on */
  latest?: number;
  /** read a public room without becoming a member */
  preview?: boolean;
}

/** LeaveRequest unsubscribes the socket; with forever it ends the membership. */
export interface LeaveRequest extends RoomRef {
  /** stop being a member */
  forever?: boolean;
  /** client's id of the leave event, with forever */
  cid?: string;
}

/**
 * SendRequest sends a message to a room that one is a member of. Until the answer
 * is ok or a final code, send the same cid again with retry: true.
 */
export interface SendRequest extends RoomRef {
  /** the text, in UTF-8 at most 40 KiB; white space at its end is cut off */
  messageText?: string;
  /** Turbo-Chat's name of messageText */
  message?: string;
  /** client's id of this message, a UUIDv7 is best */
  cid?: string;
  /** a first copy may have been sent before */
  retry?: boolean;
}

/**
 * Change names the message that an edit or a deletion is about. As with a send:
 * until the answer is ok or a final code, the same cid again with retry: true.
 */
export interface Change extends RoomRef {
  /** seq of the message */
  targetSeq: number;
  /** client's id of this change, not that of the message */
  cid?: string;
  /** a first copy may have been sent before */
  retry?: boolean;
}

/** EditRequest gives one's own message another text. */
export interface EditRequest extends Change {
  /** in place of what the message said */
  messageText: string;
}

/**
 * DeleteRequest erases what a message says, for ever: one's own, or as an admin of
 * the room anybody's.
 */
export interface DeleteRequest extends Change {
}

/**
 * PageRequest reads one page of a room's history: before, after or around a seq;
 * the latest page without any of them.
 */
export interface PageRequest extends RoomRef {
  /** messages before this seq, the nearest ones */
  before?: number;
  /** messages after this seq, the nearest ones */
  after?: number;
  /** half of the page on each side of this seq, that message included */
  around?: number;
  /** messages wanted, 50 when absent */
  limit?: number;
  /** cursor that the answer must include */
  atLeast?: string;
}

/** RecentRequest asks for the newest messages, newest first (Turbo-Chat). */
export interface RecentRequest extends RoomRef {
  /** 20 when absent; what is out of range is brought into it */
  count?: number;
}

/**
 * OnlineRequest asks who of a room's members is online. Whoever comes or goes
 * later is told by presence.
 */
export interface OnlineRequest extends RoomRef {
}

/**
 * MessageDraft is what a person has begun to write in a room; nobody else learns
 * of it. Of two of a room the one with the greater Version is the later.
 */
export interface MessageDraft {
  /** as it was typed; empty: none */
  text: string;
  /** rises with every change; 0: there never was one */
  version: number;
  /** ms UTC, when the change was asked for */
  at: number;
  /**
   * in lists: more than 512 bytes, and text is left out; GET
   * /api/v1/rooms/{room}/draft has it
   */
  long?: boolean;
}

/** SetDraftBody is the body of PUT /api/v1/rooms/{room}/draft. */
export interface SetDraftBody {
  /** as it stands in the composer; empty: none any more */
  text?: string;
  /**
   * the version that the device knew: an empty text takes away nothing later;
   * absent: whatever there is
   */
  basis?: number;
}

/**
 * SetDraftRequest says what the person has begun to write in a room that they are
 * in. The last one counts. The answer is the draft as it is then.
 */
export interface SetDraftRequest extends RoomRef, SetDraftBody {
}

/** DraftOfRoom is what the person has begun to write in a room. */
export interface DraftOfRoom {
  roomId: number;
  draft: MessageDraft;
}

/** DraftAck answers setDraft. */
export interface DraftAck extends DraftOfRoom {
  ok: boolean;
}

/** User is what everybody on the server sees of somebody. */
export interface User {
  id: number;
  /** display name; "deleted user" of a deleted account */
  name: string;
  /** unique, without the @; absent of a deleted account */
  handle?: string;
  /** only where the server shows addresses to its members */
  email?: string;
  /** id of the person's picture, at /api/v1/pictures/{picture}; absent: none */
  picture?: string;
  deleted?: boolean;
}

/**
 * SearchPeopleRequest asks for people, those included with whom one shares no
 * room. It is the payload of searchPeople.
 */
export interface SearchPeopleRequest {
  /**
   * how a handle, or a word of a name, begins, whatever its case and accents;
   * an @ before it is passed over
   */
  search: string;
  /** next of the page before, of the same search */
  after?: string;
  /** people wanted, 20 when absent */
  limit?: number;
}

/**
 * PeoplePage answers GET /api/v1/people: who can be written to and is called like
 * that, without oneself.
 */
export interface PeoplePage {
  people: PersonInfo[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/** SearchPeopleAck answers searchPeople. */
export interface SearchPeopleAck extends PeoplePage {
  ok: boolean;
}

/** ProfileChange is the body of PATCH /api/v1/me. What is absent stays. */
export interface ProfileChange {
  /** display name */
  name?: string;
  /** 2 to 32 of a-z 0-9 . _ - that nobody else has */
  handle?: string;
}

/** NewPicture is the body of PUT /api/v1/me/picture. */
export interface NewPicture {
  /** a PNG or JPEG file of at most 256 KiB and 4 million pixels, in base64 */
  image: string;
}

/** PasswordChange is the body of PUT /api/v1/me/password. */
export interface PasswordChange {
  /** the password until now */
  present: string;
  /** 8 to 128 characters */
  wanted: string;
}

/** Confirmation is the body of calls that ask for the password again. */
export interface Confirmation {
  password: string;
}

/** SessionInfo is one sign-in of the person. */
export interface SessionInfo {
  id: string;
  /** it is the one that asks */
  present: boolean;
  /** what the device called itself */
  userAgent: string;
  /** ms UTC */
  createdAt: number;
  /** ms UTC, when it was last renewed */
  usedAt: number;
  /** ms UTC */
  expiresAt: number;
}

/** SessionList answers GET /api/v1/me/sessions, the last used first. */
export interface SessionList {
  sessions: SessionInfo[];
}

/** LinkPassword is the body of POST /api/v1/reset. */
export interface LinkPassword {
  /** of the link */
  token: string;
  /** 8 to 128 characters */
  password: string;
}

/** Setup is the body of POST /api/v1/setup. */
export interface Setup {
  /** of the link that the server printed when it started */
  token: string;
  /** of a new account, or of one that there is */
  email: string;
  password: string;
}

/** Account is what owners and admins of the server see of somebody. */
export interface Account {
  id: number;
  email: string;
  name: string;
  handle: string;
  /** on this server: owner, admin, member */
  role: string;
  /** ms UTC */
  createdAt: number;
  /** ms UTC; absent when not disabled */
  disabledAt?: number;
}

/** AccountList answers GET /api/v1/admin/users. */
export interface AccountList {
  users: Account[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/**
 * AccountChange is the body of PATCH /api/v1/admin/users/{user}. What is absent
 * stays.
 */
export interface AccountChange {
  /** owner, admin or member */
  role?: string;
  /** true shuts the person out at once */
  disabled?: boolean;
}

/**
 * ResetLink answers POST /api/v1/admin/users/{user}/reset. Its token is shown this
 * once.
 */
export interface ResetLink {
  token: string;
  /** to hand to the person */
  url: string;
  /** ms UTC */
  expiresAt: number;
}

/** InviteRequest is the body of POST /api/v1/admin/invites. */
export interface InviteRequest {
  /** how many people it lets in, 1 to 1,000, 1 when absent */
  uses?: number;
  /** how long it is good, a minute to 90 days, 7 days when absent */
  seconds?: number;
}

/** InviteLink answers it. Its token is shown this once. */
export interface InviteLink {
  invite: Invite;
  token: string;
  /** to hand to the people */
  url: string;
}

/** Invite is one that is good now. */
export interface Invite {
  id: number;
  /** user id, 0: on the server's own machine */
  createdBy: number;
  /** ms UTC */
  createdAt: number;
  /** ms UTC */
  expiresAt: number;
  usesLeft: number;
}

/** InviteList answers GET /api/v1/admin/invites, the oldest first. */
export interface InviteList {
  invites: Invite[];
}

/**
 * MarkReadRequest says that the person has read a room up to an event. It only
 * moves forward.
 */
export interface MarkReadRequest extends RoomRef {
  /** everything up to this event; the room's present end when absent */
  seq?: number;
}

/**
 * MarkUnreadRequest lets a room be unread again from an event on; what is before
 * it counts as read.
 */
export interface MarkUnreadRequest extends RoomRef {
  /** the first event that is to be unread */
  seq: number;
}

/** MarkReadBody is the body of PUT /api/v1/rooms/{room}/read. */
export interface MarkReadBody {
  /** everything up to this event; the room's present end when absent */
  seq?: number;
}

/** MarkUnreadBody is the body of PUT /api/v1/rooms/{room}/unread. */
export interface MarkUnreadBody {
  /** the first event that is to be unread */
  seq: number;
}

/**
 * ReadMark is how far a person has read a room. Of two marks of a room the later
 * one has the greater Version or, at the same, the greater Seq.
 */
export interface ReadMark {
  /** everything up to and including this event */
  seq: number;
  /** messages up to there */
  n: number;
  /** rises when the person goes back */
  version: number;
}

/**
 * Standing is where the person stands in a room: with Head, on which the counts
 * are. Whoever knows a later head counts head.n − read.n.
 */
export interface Standing {
  roomId: number;
  read: ReadMark;
  head: Head;
  /** messages behind read, deleted ones too */
  unread: number;
  /** of them those that name the person */
  mentions: number;
}

/** MarkAck answers markRead and markUnread. */
export interface MarkAck extends Standing {
  ok: boolean;
}

/** LastMessage is what a list of rooms shows of the last message of a room. */
export interface LastMessage {
  seq: number;
  /** who wrote it */
  userId: number;
  /** display data */
  userName?: string;
  /** ms UTC */
  at: number;
  /** the first 200 characters */
  text?: string;
  deleted?: boolean;
}

/** Credentials is the body of POST /api/v1/register and /api/v1/login. */
export interface Credentials {
  email: string;
  password: string;
  /** of an invite link; to register on a server that takes people in by invitation */
  invite?: string;
}

/**
 * SignedIn answers register (201), login and refresh (200). The refresh token
 * itself travels only in an HttpOnly cookie.
 */
export interface SignedIn {
  token: string;
  /** of the token, ms UTC */
  expiresAt: number;
  user: Self;
}

/** EditMessageBody is the body of PATCH /api/v1/rooms/{room}/messages/{seq}. */
export interface EditMessageBody {
  /** in place of what the message said */
  messageText: string;
  /** client's id of this edit, not that of the message */
  cid?: string;
  /** a first copy may have been sent before */
  retry?: boolean;
}

/** Version answers GET /api/v1/version. */
export interface Version {
  /** of the program */
  version: string;
}

/** ProblemDetails is RFC 9457's application/problem+json with our code. */
export interface ProblemDetails {
  /** about:blank */
  type: string;
  /** what the code means */
  title: string;
  status: number;
  /** what to do, for people */
  detail: string;
  /** stable name of the refusal, the same as on sockets */
  code: string;
  /** seconds to wait, may be a fraction */
  retryAfter?: number;
  /** of the request, as in its header X-Request-Id and in the server's log */
  requestId?: string;
}

/** CreateRoom is the body of POST /api/v1/rooms. */
export interface CreateRoom {
  /** public, private or group; public when absent */
  kind?: string;
  /** a group may be without one */
  name?: string;
  topic?: string;
  /** ids of the people who are in from the start beside oneself; not for public rooms */
  members?: number[];
  /** client's id of the creation, for safe retries */
  cid?: string;
}

/**
 * OpenDirectRequest finds or makes the room of two people. Both hear of a new one
 * by roomAdded; join it like any other. It is the body of POST /api/v1/directs and
 * of the socket event openDirect.
 */
export interface OpenDirectRequest {
  /** the other person */
  userId: number;
}

/** OpenDirectAck answers openDirect. */
export interface OpenDirectAck {
  ok: boolean;
  room: RoomInfo;
  /** it was there before */
  duplicate?: boolean;
}

/**
 * ChangeRoom is the body of PATCH /api/v1/rooms/{room}: one of its fields,
 * beside cid and retry.
 */
export interface ChangeRoom extends Attempt {
  name?: string;
  /** none to remove it */
  topic?: string;
  /** public or private */
  kind?: string;
  archived?: boolean;
}

/** Attempt is how a change can be repeated safely. */
export interface Attempt {
  /** client's id of the change */
  cid?: string;
  /** an earlier attempt with this cid may be under way */
  retry?: boolean;
}

/** InviteMember is the body of POST /api/v1/rooms/{room}/members. */
export interface InviteMember extends Attempt {
  userId: number;
}

/** SetRole is the body of PATCH /api/v1/rooms/{room}/members/{user}. */
export interface SetRole extends Attempt {
  /** owner, admin or member */
  role: string;
}

/** Changed answers a change of a room or of its members when every list shows it. */
export interface Changed {
  ok: boolean;
  /** of the event; with already, of the room's last event */
  seq: number;
  cursor: string;
  /** the room was like that before; there is no event */
  already?: boolean;
  /** it was done before with this cid; this is the first answer again */
  duplicate?: boolean;
}

/** RoomList answers GET /api/v1/rooms: public rooms and those the person is in. */
export interface RoomList {
  rooms: RoomInfo[];
}

/** RoomPage answers GET /api/v1/public-rooms. */
export interface RoomPage {
  rooms: RoomInfo[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/** PersonInfo is how a person is shown to others. */
export interface PersonInfo {
  id: number;
  /** display name */
  name: string;
  /** unique, without the @ */
  handle: string;
  /** id of the person's picture, at /api/v1/pictures/{picture}; absent: none */
  picture?: string;
}

/** MemberInfo is a member of a room. */
export interface MemberInfo extends PersonInfo {
  /** owner, admin, member */
  role: string;
  /** seq of the latest join */
  from: number;
  /** online, away, dnd (do not disturb) or offline */
  status: string;
  /**
   * ms UTC, to the minute: when somebody who is offline was last online; for members
   * of the room alone, and only of people who let others see it
   */
  lastSeen?: number;
}

/** MemberPage answers GET /api/v1/rooms/{room}/members. */
export interface MemberPage {
  members: MemberInfo[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/** BanPage answers GET /api/v1/rooms/{room}/bans. */
export interface BanPage {
  people: PersonInfo[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/** NewLink is the body of POST /api/v1/rooms/{room}/links. */
export interface NewLink {
  /** seconds until it ends, a minute to 90 days; 7 days when absent */
  lasts?: number;
  /** how many people may use it, 1 to 10,000; 100 when absent */
  uses?: number;
}

/** LinkInfo is a link into a room. */
export interface LinkInfo {
  id: number;
  createdBy: number;
  /** ms UTC */
  expiresAt: number;
  usesLeft: number;
  /** only in the answer to its making */
  token?: string;
}

/** LinkList answers GET /api/v1/rooms/{room}/links. */
export interface LinkList {
  links: LinkInfo[];
}

/**
 * LinkToken is the body of POST /api/v1/links/look and /api/v1/links/join: a token
 * stands in no address, where it would be logged.
 */
export interface LinkToken {
  token: string;
}

/** LinkedRoom answers POST /api/v1/links/look: where a link leads. */
export interface LinkedRoom {
  roomId: number;
  name: string;
  kind: string;
}

/** Events that the server sends. */

/**
 * Event: every durable event of a joined room in seq order, and void, hidden, gap,
 * reset
 */
export const ReceiveMessage = 'receiveMessage';
/** []TurboMessage: to Turbo-Chat's clients only, the newest first */
export const RecentMessages = 'recentMessages';
/** TurboOnline: to Turbo-Chat's clients only */
export const OnlineUsers = 'onlineUsers';
/** PresenceChange: members of a joined room came, went or have another status */
export const Presence = 'presence';
/** RoomInfo: a room that the person is in or can see now */
export const RoomAdded = 'roomAdded';
/** RoomRemovedNotice: a room that the person can see no more */
export const RoomRemoved = 'roomRemoved';
/** TypingNotice: somebody writes in a joined room */
export const SomebodyTypes = 'typing';
/** RoomChanged: something happened in a room of the person's list */
export const RoomChange = 'roomChanged';
/** Standing: another device of the person has moved how far they have read */
export const ReadChanged = 'readChanged';
/**
 * SettingsOfRoom: another device of the person has changed how they want a room to
 * be shown
 */
export const SettingsChanged = 'settingsChanged';
/** OwnStatus: another device of the person has set how they want to be shown */
export const StatusChanged = 'statusChanged';
/**
 * DraftOfRoom: another device of the person has begun to write, written on,
 * or sent it
 */
export const DraftChanged = 'draftChanged';
/** DrainingNotice: the server stops */
export const Draining = 'draining';
/** ProblemNotice: why the server closes, or that the token is about to end */
export const Problem = 'problem';

/** Refusal is the acknowledgement of anything that was not done. */
export interface Refusal {
  /** false */
  ok: boolean;
  error: ErrorInfo;
}

/**
 * ErrorInfo says what was wrong. Final codes are invalid, forbidden, not_found,
 * conflict, cid_conflict, too_large and gone; every other one means: send the same
 * cid again.
 */
export interface ErrorInfo {
  /** what programs look at */
  code: string;
  /** what people read; it says what to do */
  message: string;
  /** seconds to wait, may be a fraction */
  retryAfter?: number;
}

/** OK acknowledges what has nothing more to say. */
export interface OK {
  ok: boolean;
}

/** Self is the signed-in person. */
export interface Self {
  id: number;
  email: string;
  /** display name */
  name: string;
  /** unique, without the @ */
  handle: string;
  /** on this server: owner, admin, member */
  role: string;
  /** id of the person's picture, at /api/v1/pictures/{picture}; absent: none */
  picture?: string;
}

/** AuthenticateAck answers authenticate. */
export interface AuthenticateAck {
  ok: boolean;
  user: Self;
  /** ms UTC */
  expiresAt: number;
}

/** Head is the last event of a room. */
export interface Head {
  /** number of the last event */
  seq: number;
  /** number of messages so far */
  n: number;
  /** everything up to seq */
  cursor: string;
}

/** Gap says that the events from..to were left out. */
export interface Gap {
  from: number;
  to: number;
}

/**
 * Reset says that what the client holds of the room is not, or no longer, a part
 * of its history as this person may read it: forget the room and join with latest.
 * The reason is "history" (another history), "ahead" (a number never reached),
 * "membership" (before the person's first readable event) or "numbering" (the
 * numbers did not follow each other).
 */
export interface Reset {
  reason: string;
  head: Head;
}

/** RoomInfo describes a room to one person. */
export interface RoomInfo {
  id: number;
  name: string;
  /** public, private, direct or group */
  kind: string;
  topic?: string;
  archived?: boolean;
  /** how many */
  members: number;
  /** of the person asking: owner, admin, member; absent when not a member */
  role?: string;
  head: Head;
  /** ms UTC; in lists */
  createdAt?: number;
  /** of a direct room: the other person */
  peer?: PersonInfo;
  /** how far the person has read */
  read?: ReadMark;
  /** messages behind it up to head, deleted ones too; absent: none */
  unread?: number;
  /** of them those that name the person; absent: none */
  mentions?: number;
  /** the last message, when the person may read it */
  last?: LastMessage;
  /** how the person wants it to be shown; absent: not starred, not muted, told of all */
  settings?: RoomSettings;
  /** what the person has begun to write; absent: there never was anything */
  draft?: MessageDraft;
}

/**
 * JoinAck answers joinRoom. The events asked for came before it as ordinary
 * receiveMessage packets. While more is true the socket is not subscribed:
 * ask again with the last cursor received.
 */
export interface JoinAck {
  ok: boolean;
  /** the room as it is now */
  room?: RoomInfo;
  /** everything up to here was sent, live follows (unless more) */
  head?: Head;
  /** there is more to catch up with, and nothing is subscribed yet */
  more: boolean;
  /** with latest: these were left out before the first event sent */
  gap?: Gap;
  /** alone: not subscribed */
  reset?: Reset;
}

/**
 * SendAck answers sendMessage, editMessage and deleteMessage: the event is durable
 * and has this place.
 */
export interface SendAck {
  ok: boolean;
  /** public id of the event */
  id: string;
  /** its number in the room */
  seq: number;
  /** of the event itself; it does not say that what is before it was received */
  cursor: string;
  /** ms UTC */
  at: number;
  /** it was sent before; this is the first answer again */
  duplicate?: boolean;
}

/**
 * Event is what receiveMessage carries. Which fields are present depends on kind;
 * a client must pass over kinds it does not know, counting their seq.
 *
 * The kinds edit and delete change the message targetSeq. They carry what it says
 * at the position of the answer (an edit of a message that is deleted by then:
 * deleted and no text), and rev, the seq of its last change there. A client takes
 * that if rev is greater than the one it has of the message. An event about a
 * message that the person may not read is {seq, cursor, kind:"hidden", roomId}.
 *
 * The kinds gap and reset are no events of the room and have no seq of their own:
 * {kind:"gap", roomId, from, to} stands before the first event behind the hole;
 * {kind:"reset", roomId, reason, head} ends the subscription.
 */
export interface Event {
  /** number in the room, 1, 2, 3 … without a hole */
  seq?: number;
  /** messages in the room up to here; of a message its own number */
  n?: number;
  /** everything up to seq */
  cursor?: string;
  /** display data */
  roomName?: string;
  /** display name of the sender, display data */
  userName?: string;
  /** message, create, join, leave, … void, hidden, gap, reset */
  kind: string;
  roomId: number;
  /** who did it */
  userId?: number;
  /** the sender's own id of the event */
  cid?: string;
  /** public id of the event */
  id?: string;
  /** for the server only */
  mac?: string;
  /** ms UTC, shown, orders nothing */
  at?: number;
  /** message, edit: what the message says now */
  messageText?: string;
  /** message: id of the one that it answers */
  replyTo?: string;
  /** message, edit: ids of people */
  mentions?: number[];
  /** edit, delete, react, unreact, pin, unpin: seq of the message */
  targetSeq?: number;
  /**
   * invite, kick, ban, unban, role: who it happened to; of a change to a message:
   * its author
   */
  targetUser?: number;
  /** message, edit, delete: seq of the last change of the message */
  rev?: number;
  /** message, edit: the message is deleted and has no text */
  deleted?: boolean;
  /** create, rename: the room's name */
  name?: string;
  /** create, visibility: public, private, direct or group */
  roomKind?: string;
  /** role: owner, admin, member */
  role?: string;
  /** create, topic */
  topic?: string;
  /** react, unreact */
  emoji?: string;
  /** create: who is in from the start */
  members?: Member[];
  /** gap */
  from?: number;
  /** gap */
  to?: number;
  /** reset */
  reason?: string;
  /** reset */
  head?: Head;
}

/** Member is one person's place in a room. */
export interface Member {
  userId: number;
  /** owner, admin, member */
  role: string;
}

/**
 * PageAck answers getMessages: every event between the first and the last message
 * of the page, in seq order. Events are the same JSON as in receiveMessage.
 */
export interface PageAck {
  ok: boolean;
  events: Event[];
  /** seq: the answer is exact at this position */
  asOf: number;
  head: Head;
  /** older messages exist */
  moreBefore: boolean;
  /** newer messages exist */
  moreAfter: boolean;
}

/** RecentAck answers getRecentMessages, newest first. */
export interface RecentAck {
  ok: boolean;
  messages: TurboMessage[];
}

/** OnlineAck answers getOnlineUsers. */
export interface OnlineAck {
  ok: boolean;
  users: OnlinePerson[];
}

/**
 * PresenceChange tells sockets that have the room open what changed since the last
 * one. A full list comes with getOnlineUsers.
 */
export interface PresenceChange {
  roomId: number;
  /** who came, or is shown otherwise: with another status, name or picture */
  online: OnlinePerson[];
  /** ids of who went */
  offline: number[];
}

/** RoomRemovedNotice says that the person is no longer in, or cannot see, a room. */
export interface RoomRemovedNotice {
  roomId: number;
}

/** DrainingNotice asks the client to come back after a moment: the server stops. */
export interface DrainingNotice {
  /** seconds */
  reconnectAfter: number;
}

/**
 * ProblemNotice says why the server is about to close the socket. Codes:
 * unauthorized, revoked, slow, protocol, draining, tooMany; and expiring, which
 * closes nothing: renew the token with authenticate.
 */
export interface ProblemNotice {
  code: string;
  /** for people */
  message: string;
  /** whether connecting again can help */
  reconnect: boolean;
}

/**
 * RoomSettings is how a person wants a room to be shown; nobody else learns of it.
 * Of two of a room the one with the greater Version is the later.
 */
export interface RoomSettings {
  /** among the first of their rooms */
  starred: boolean;
  /** quiet: only messages that name the person count */
  muted: boolean;
  /** of which messages the person wants to be told: all, mentions, none */
  notify: string;
  /**
   * where it stands among the starred: those with less come first, of equals the one
   * with the smaller id
   */
  place: number;
  /** rises with every change */
  version: number;
}

/**
 * ChangeSettingsBody is the body of PATCH /api/v1/rooms/{room}/settings. What is
 * absent stays.
 */
export interface ChangeSettingsBody {
  starred?: boolean;
  muted?: boolean;
  /** all, mentions or none */
  notify?: string;
  /**
   * where it stands among the starred, between the places of two others for example;
   * a room that gets a star comes last
   */
  place?: number;
}

/**
 * ChangeSettingsRequest changes how the person wants a room to be shown. What is
 * absent stays.
 */
export interface ChangeSettingsRequest extends RoomRef, ChangeSettingsBody {
}

/** SettingsOfRoom are the person's settings of a room. */
export interface SettingsOfRoom {
  roomId: number;
  settings: RoomSettings;
}

/** SettingsAck answers changeSettings. */
export interface SettingsAck extends SettingsOfRoom {
  ok: boolean;
}

/**
 * StatusRequest says how the person wants to be shown to others. What is absent
 * stays; with neither it asks only. It is the payload of setStatus, and the body
 * of PATCH /api/v1/me/status.
 */
export interface StatusRequest {
  /** online, away or dnd (do not disturb); others see it while the person is online */
  status?: string;
  /** keep from others, and forget, when the person was last online */
  hideLastSeen?: boolean;
}

/**
 * OwnStatus is what the person has chosen, on all of their devices. statusChanged
 * carries it to the others.
 */
export interface OwnStatus {
  /** online, away or dnd */
  status: string;
  /** whether others are kept from seeing when the person was last online */
  hideLastSeen: boolean;
  /** counts the choices: the greatest is the last */
  rev: number;
}

/** StatusAck answers setStatus. */
export interface StatusAck extends OwnStatus {
  ok: boolean;
}

/** OnlinePerson is somebody who is online. */
export interface OnlinePerson extends PersonInfo {
  /** online, away or dnd (do not disturb) */
  status: string;
}

/**
 * SyncRequest is what a client asks that comes back: for its rooms with what
 * is unread, and for what it missed in those that it holds. From then on this
 * connection hears of all of the person's rooms: of those that it has joined by
 * every event, of the others by roomChanged.
 */
export interface SyncRequest {
  /** the rooms that the device holds, the most important first, at most 2,000 */
  rooms?: RoomCursor[];
  /**
   * of a room in which more than 500 events were missed: everything from the
   * so-many-th last message on (1 to 200), 50 when absent
   */
  latest?: number;
  /** next of the answer before, for the next page of the list */
  after?: number;
}

/** RoomCursor is what a device holds of a room. */
export interface RoomCursor {
  roomId: number;
  /** cursor of the last event that the device has of the room */
  since: string;
}

/**
 * SyncAck answers sync. What was missed came before it as ordinary receiveMessage
 * packets. Counts hold everything that was acknowledged before the question;
 * what changes after it comes behind the answer, as receiveMessage, roomChanged,
 * readChanged, roomAdded and roomRemoved.
 */
export interface SyncAck {
  ok: boolean;
  /**
   * one for each room of the request, in its order, and for each direct room and
   * group of the list that was joined beside them
   */
  caughtUp: CaughtUp[];
  /** a page of the rooms that the person is in, by id */
  rooms: RoomInfo[];
  /** after of the next page; absent on the last one */
  next?: number;
}

/** CaughtUp is how it stands with one room of a sync. */
export interface CaughtUp {
  roomId: number;
  /** everything up to head was sent, live follows */
  joined: boolean;
  /** when joined */
  head?: Head;
  /** what was left out because too much was missed */
  gap?: Gap;
  /**
   * the answer was full before this room: joinRoom with the same since, or sync
   * again
   */
  more?: boolean;
  /** not joined */
  reset?: Reset;
  /** not joined; not_found: the person is not in the room any more */
  error?: ErrorInfo;
}

/**
 * RoomChanged tells a connection that has synced of a room that it has not joined,
 * at most once a second, and of a room that it has joined when the person was
 * mentioned there or has written there on another device: then it is with read,
 * unread and mentions.
 */
export interface RoomChanged {
  roomId: number;
  head: Head;
  /** the last message, when it is a late one */
  last?: LastMessage;
  read?: ReadMark;
  /** with read; absent: none */
  unread?: number;
  /** with read; absent: none */
  mentions?: number;
}

/** OwnRoomPage answers GET /api/v1/me/rooms. */
export interface OwnRoomPage {
  rooms: RoomInfo[];
  /** cursor of the next page; absent on the last one */
  next?: string;
}

/** TurboEvent is receiveMessage as Turbo-Chat's clients know it. */
export interface TurboEvent {
  roomName: string;
  messageText: string;
  userMail: string;
  isEvent: boolean;
}

/** TurboMessage is a message in its history and in recentMessages. */
export interface TurboMessage {
  /** the seq */
  id: number;
  message_text: string;
  sender_mail: string;
  is_event: boolean;
  room_name: string;
  /** ISO 8601, UTC, milliseconds */
  createdAt: string;
  updatedAt: string;
}

/** TurboOnline is onlineUsers as Turbo-Chat's clients know it. */
export interface TurboOnline {
  roomName: string;
  /** e-mail addresses, or handles with --show-email nobody */
  users: string[];
}

/** TurboRoom is a room in its REST answers. */
export interface TurboRoom {
  id: number;
  name: string;
  createdAt: string;
  updatedAt: string;
}

/**
 * TypingRequest says that the person writes a message, at most once a second in
 * each room. It is told at once to the connections that have joined the room,
 * and kept nowhere.
 */
export interface TypingRequest extends RoomRef {
  /** the person has stopped without sending */
  stopped?: boolean;
}

/**
 * TypingNotice says that somebody else writes a message. Show it for six seconds
 * after the last one, or until their next message or Stopped.
 */
export interface TypingNotice {
  roomId: number;
  userId: number;
  /** display data */
  userName?: string;
  stopped?: boolean;
}
