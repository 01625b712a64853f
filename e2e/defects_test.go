package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parleychat/parley/e2e/rig"
)

// requiredDefects are the defects of Turbo-Chat that must be gone by now;
// docs/turbo-chat.md describes each.
const requiredDefects = `
	D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15 D16
	P1 P2 P5 P6 P7
	A1 A2 A3
	S1 S2 S3 S5 S6 S7 S8 S12
	R5
	O3 O4`

// defects has the test of each defect by its id.
var defects = map[string]struct {
	gone string // what is the case instead
	test func(*testing.T)
}{
	"D5":  {"all events of a room have one order, the same for everybody", oneOrderInARoom},
	"D6":  {"every send is answered; what could not be taken is said", everySendIsAnswered},
	"D7":  {"what was not stored is shown to nobody", refusedIsShownToNobody},
	"D8":  {"10,000 characters, checked", longMessagesAreWhole},
	"D9":  {"live delivery does not wait for the database", deliveryWithoutTheDatabase},
	"D10": {"time is that of acceptance, in milliseconds, for ever the same", timeOfAcceptance},
	"D11": {"a client resumes where it was", resumeWhereOneWas},
	"D12": {"live messages have an id and a time", liveMessagesHaveIDAndTime},
	"D13": {"an event says everything; nobody needs to reload", eventsSayEverything},
	"D14": {"notices do not crowd out messages", noticesDoNotCrowdOut},
	"D15": {"a record that cannot be decoded stops nothing", undecodableRecordIsPassedOver},
	"D16": {"every message can be read", everyMessageCanBeRead},

	"P1": {"a person with two tabs who closes one is online", twoTabs},
	"P2": {"a socket in two rooms leaves no ghost", noGhosts},
	"P5": {"a disconnect without a join tells nothing", disconnectWithoutJoin},
	"P6": {"coming back writes no line", comingBackWritesNothing},
	"P7": {"an empty list is a list", emptyListIsAList},

	"A1": {"only members post, only subscribers hear", onlyMembersPost},
	"A2": {"rooms that do not exist do not exist", roomsThatDoNotExist},
	"A3": {"a room is named by its name or id, by nothing else", roomNamesReachNobodyElse},

	"S1":  {"a taken address is a conflict, not a failure", takenAddress},
	"S2":  {"addresses and passwords are checked, and whole", credentialsAreChecked},
	"S3":  {"every server makes its own secret", ownSecret},
	"S5":  {"sign-ins are limited and do not tell who has an account", signInsAreLimited},
	"S6":  {"no password, token or message in the log", nothingSecretInTheLog},
	"S7":  {"no stack trace in an answer", noStackTraces},
	"S8":  {"an address is a string", addressIsAString},
	"S12": {"a malformed payload is refused and harms nobody", malformedPayloads},

	"R5": {"history needs no Redis, whatever becomes of one (also A5, R1, R2, R3, R4, R6)", historyWithoutRedis},

	"O3": {"a stop is in order, and clean", stopIsClean},
	"O4": {"messages leave nothing behind in the process", messagesLeaveNothingBehind},
}

func TestDefects(t *testing.T) {
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	described, err := os.ReadFile(filepath.Join(root, "docs", "turbo-chat.md"))
	if err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(requiredDefects)
	for _, id := range ids {
		if !strings.Contains(string(described), "**"+id+"**") {
			t.Errorf("docs/turbo-chat.md does not describe defect %s", id)
		}
		defect, found := defects[id]
		if !found {
			t.Errorf("defect %s has no test", id)
			continue
		}
		t.Run(id, func(t *testing.T) {
			t.Log(defect.gone)
			defect.test(t)
		})
	}
	if got, want := len(defects), len(ids); got != want {
		t.Errorf("%d tests of defects for %d ids", got, want)
	}
}
