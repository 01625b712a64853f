package store

// The statements that are prepared once: those that run for every batch of the
// recorder, and for every page, resume, opening, list and connect.

// recorderStatements are those of Commit.
func recorderStatements(d dialect) []string {
	return []string{
		qAdvance, qInsertEvents(d, 1), qInsertEvents(d, sqliteInsertEvents), qMoveHead,
		qAddMember(d), qRemoveMember, qDropDraft, qMark(d), qAddMention, qMessage,
	}
}

// readerStatements are those of reading.
var readerStatements = []string{
	qSession, qRevocationsSince,
	qRoom, qHead, qWatermark, qWatermarks, qWindow, qMembers, qMembersPeople, qBans,
	qForwards, qBackwards, qMessagesUpTo, qNthMessage, qMessage,
	qAnswer, qAnswersSince, qMembership, qPublicRooms, qOwnRooms, qLastMessages, qReadMark, qMentionsAbove, qListMembers, qListBans, qSearchRooms, qCountRooms,
	qPeopleOfKey, qPeopleBehindKey,
}
