// Package check judges what a chat server did to its clients. Clients write
// down everything that they asked and were given, as a history; this package
// reads histories and says which promise was broken, and by which lines. It
// knows no server: it believes what the clients saw, and a dump of the end.
//
// # Histories
//
// A history is a file of JSON objects, one a line, written by one process as
// things happen: see [Line] for its members and [Writer] for making one. Every
// line has a time t in nanoseconds of that process's monotonic clock, which
// never goes back within a file. What was asked and what came of it are two
// lines with the same call, a number used once in a file. Clients are devices:
// a device is one program of one person, keeps its place in each room, and has
// at most one connection at a time.
//
//	what       members besides t                       meaning
//	connect    device user via session                 begins to connect; via polling is noticed late when it goes
//	connected  device                                  is connected
//	close      device code                             is not connected any more; no code: cut without a word
//	end        device                                  goes away for good, on purpose
//	join       device room call since|latest|–         asks to be subscribed: behind its cursor, anew ("0", latest), or from now
//	joined     device room call seq cursor more reset  the answer: the head, or a reset; a code: refused
//	leave      device room call                        asks not to be subscribed any more
//	left       device room call                        the answer; a code: refused
//	event      device room phase and the event's       was given an event, phase "resume" before joined, else "live"
//	gap        device room from to                     was told that these events are left out
//	reset      device room reset                       was told that the subscription has ended
//	send       device room call user cid hash retry    asks to send a message; one line for each attempt. With a kind it
//	                                                   asks for something else: an edit (target, hash), a delete (target) …;
//	                                                   word: of its text, and of nothing else
//	outcome    device room call outcome code           the answer: "ok" with seq id cursor at duplicate,
//	                                                   "failed" (this attempt has no effect), or "unknown"
//	ask        device room call ask                    asks for a page
//	page       device room call page                   the answer; a code: refused
//	fault      fault more within                       something is done to the server now; more: at some time from now on,
//	                                                   up to the next fault, which says that it was. Who is online has to be
//	                                                   right again so long after it
//	stuck      fault                                   the server serves nobody any more, long after the last fault; what it
//	                                                   does instead. The history ends here, without dumps
//	final      device room and the event's             part of a complete dump of the end by a reader named device
//	snapshot   snapshot more                           the store was read at one instant; more: its rows are those that
//	                                                   the snapshot before did not have, or had otherwise
//	upto       snapshot partition watermark            up to where the store says that it has a partition of the log; where
//	                                                   nothing is said: nothing of it
//	log        partition offset room and the record's  a record of the log, in its partition's order; each one once in a run
//	stored     snapshot room seq and the event's void  a row of the store, by room and seq; a message in its present form
//	former     snapshot room seq                       a former text of a message that the store still has
//	revoke     session call                            asks that a session end
//	revoked    session call code                       the answer; a code: refused
//	searched   place user word                         what is at a place, or came to a person, was looked through for words of
//	                                                   messages; one that was found, at first sight of each
//	look       room place call members within          asks a server who is online in a room of these members; who came or went so
//	                                                   long before has to be seen as what they are
//	online     room call members                       the answer; a code: refused
//	used       place used allowed                      how much of something is in use while nothing is done to anybody
//
// An event's members are those of [Event]: seq id cid user kind cursor for all;
// target of a change to a message, whom of what is done to a person, roomKind
// and members of create, roomKind of visibility; and of a message, and of an
// edit as the form that it tells, hash rev deleted. A void, or a hidden event,
// has only seq, kind and cursor. What a server does not tell is left out, by
// everybody alike: without roomKind and members nothing is known of who may
// read. A call without an answer is allowed: the client was gone.
//
// A history ends with one or more dumps of all rooms by fresh readers (final),
// each event from 1 to the head; without one it proves nothing. One that is
// stuck has none: it has broken a promise, and what else it has broken is judged
// by the answers alone and by the log as it was left. Snapshots are optional.
// Each one follows the log lines up to its time; how far it goes, and then its
// rows, follow it. All records of a room lie in one partition.
//
// # What is judged
//
//	I1   every ok send is in every final dump, in the log, and was given to every device still subscribed
//	I2   every message, edit and deletion was sent before, by that user, to that room, with that text
//	I3   a device gets each number of a room once and in order, and each id under one number
//	I4   a number of a room means one event, with one cursor, to everybody
//	I5   what a device gets is a run of the final order without a hole, while it is subscribed
//	I6   a resume begins right behind its cursor and ends at the head that it names, or says gap or reset; no reset for a good cursor
//	I7   what was acknowledged or given to anybody before a send began stands before it
//	I8   the messages of one device in one room stand as they were sent
//	I9   pages and joins without a cursor never go back, pages hold all that was acknowledged before, and have no hole; an acknowledgement comes behind its event
//	I10  a cid has one answer, once not as a duplicate; other text under it is refused, the same text is not
//	I11  what has failed is seen by nobody
//	I12  whoever was given something could read it there, and whoever said something was in the room; nothing else was hidden
//	I13  a word of a message comes to nobody who could not read that message, and is in no log and no metrics
//	I14  5 s after a session has ended nothing is taken from it or given to it, and its sockets close
//	I15  who is connected is shown as online and who is not is not, but for the bounds after coming, going and faults
//	I16  what is stored is exactly the log's prefix up to the watermark, messages as their last stored change left them
//	I18  after a fault the server is there again, and everybody is served
//	I19  nothing uses more than it may
//	I20  every close has a code, or a fault that explains it, and every device came back
//	H    the history itself is not as described above
//
// Of a message that was changed nobody is shown what was never said (I2, I4), and
// nobody is shown a form after a position at which it was no longer the present
// one: as of a page's asOf, or the end (I9), of the head that the answer of a
// resume names (I6), of a live event (I5). So a deleted text is not seen again.
//
// What counts for I14 is when something was asked, or first sent, not when it
// came: bytes may take as long as they like. So it holds through every fault.
//
// Some rules need care with several files: order by time is known within a file
// only, so I7, I14, I15 and the times of I2 are judged among its lines. A message whose
// cid two devices have sent has no sender order; I8 passes over it.
//
// Judging takes time in proportion to the lines. The memory is for the distinct
// events of the rooms, and a little for every join and page; not for what each
// device was given.
package check
