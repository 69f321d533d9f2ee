package rules

import (
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Most of what happens to a ticket changes nothing that a condition reads, so
// its answer is kept until something does.

// reads is the set of the attributes that a condition reads. What never changes is
// in none, but for what can be erased.
type reads uint16

const (
	readsStatus reads = 1 << iota
	readsStatusBy
	readsAnswered
	readsPriority
	readsKind
	readsChannel
	readsOrganization
	readsGroup
	readsAssignee
	readsTags
	readsFields
	readsSaid // attachments, too
	readsAwaiting
	readsTexts // what can be erased; it is no change of its own
)

// readsOf is what a name of Env reads.
var readsOf = map[string]reads{
	"status": readsStatus, "status_by": readsStatusBy, "answered": readsAnswered, "priority": readsPriority, "kind": readsKind,
	"channel": readsChannel, "organization": readsOrganization, "group": readsGroup, "assignee": readsAssignee | readsTexts,
	"tags": readsTags, "fields": readsFields | readsTexts, "said": readsSaid | readsTexts, "attachments": readsSaid,
	"awaiting_reply": readsAwaiting, "unanswered": readsAwaiting | readsTexts,
	"subject": readsTexts, "text": readsTexts, "requester": readsTexts, "recipient": readsTexts,
}

// Visit makes it an ast.Visitor, for expr.Patch: it notes what is read.
func (r *reads) Visit(node *ast.Node) {
	if name, ok := (*node).(*ast.IdentifierNode); ok {
		*r |= readsOf[name.Value]
	}
}

// read is what a condition reads; nothing for none.
func (c *Condition) read() reads {
	if c == nil {
		return 0
	}
	return c.reads
}

// same says that two states are alike in what is read of them, the priority
// aside, which isn't theirs.
func (r reads) same(a, b *attributes) bool {
	return (r&readsStatus == 0 || a.status == b.status) &&
		(r&readsStatusBy == 0 || a.statusBy == b.statusBy) &&
		(r&readsAnswered == 0 || a.answered == b.answered) &&
		(r&readsKind == 0 || a.kind == b.kind) &&
		(r&readsChannel == 0 || a.channel == b.channel) &&
		(r&readsOrganization == 0 || a.organization == b.organization) &&
		(r&readsGroup == 0 || a.group == b.group) &&
		(r&readsAssignee == 0 || a.assignee == b.assignee) &&
		(r&readsTags == 0 || slices.Equal(a.tags, b.tags) && slices.Equal(a.inherited, b.inherited)) &&
		(r&readsFields == 0 || maps.Equal(a.fields, b.fields)) &&
		(r&readsSaid == 0 || a.said == b.said && a.attachments == b.attachments) &&
		(r&readsAwaiting == 0 || a.awaits == b.awaits && a.unanswered() == b.unanswered())
}

// A lastAnswer is what a condition answered last, and about what.
type lastAnswer struct {
	state    int
	priority string
	holds    bool
}
