package policyfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"vigie/rules"
	"vigie/rules/tomlfile"
	"vigie/rules/triage"
)

// examples reads which files hold examples, and those. It comes after the priorities.
func (l *loader) examples(root *tomlfile.Table) {
	l.confident(root)
	names := root.Strings("examples")
	if len(names) == 0 {
		return
	}
	var all []triage.Example
	key := sha256.New()
	for _, pr := range l.p.Priorities {
		fmt.Fprintln(key, pr.Name)
	}
	for i, name := range names {
		at := fmt.Sprintf("examples[%d]", i)
		if l.readFile == nil {
			root.Add(at, "files can't be read here; remove it")
			return
		}
		lines, err := l.readFile(name)
		if err != nil {
			root.Add(at, "%v; write a path that can be read, relative to this file", err)
			continue
		}
		fmt.Fprintln(key, len(lines))
		key.Write(lines)
		list, err := triage.Read(bytes.TrimPrefix(lines, []byte("\ufeff")))
		for _, err := range unjoin(err) {
			var line triage.LineError
			errors.As(err, &line)
			root.Add(at, "%s:%d: %v", name, line.Line, line.Err)
		}
		for _, e := range list {
			if l.p.Rank(e.Priority) < 0 {
				l.knownPriority(root, at, e.Priority)
				break
			}
		}
		all = append(all, list...)
	}
	l.p.Lesson = lessonOf(hex.EncodeToString(key.Sum(nil)), l.p.Priorities, all)
}

// confident reads confident = 0.6, for every priority, or confident = { urgent = 0.5 },
// for each its own.
func (l *loader) confident(root *tomlfile.Table) {
	l.p.Confidence = map[string]float64{}
	read := func(t *tomlfile.Table, key string, priorities ...string) {
		c, ok := t.Number(key)
		if ok && (c < 0 || c > 1) {
			t.Add(key, "%v is no probability; write one from 0 to 1, such as 0.6", c)
		}
		for _, p := range priorities {
			if ok {
				l.p.Confidence[p] = c
			}
		}
	}
	switch root.Any("confident").(type) {
	case nil:
	case map[string]any:
		t := root.Table("confident")
		for _, priority := range t.Keys() {
			if l.knownPriority(t, priority, priority) {
				read(t, priority, priority)
			}
		}
	default:
		var all []string
		for _, pr := range l.p.Priorities {
			all = append(all, pr.Name)
		}
		read(root, "confident", all...)
	}
	if root.Has("confident") && !root.Has("examples") {
		root.Warn("confident", "changes nothing, since no examples are named; name them, or remove it")
	}
}

// lessons are those that were learned last: the versions of a policy, and the hundreds of
// variants that vigie test makes of one, learn the same.
var lessons struct {
	sync.Mutex
	list []keptLesson // the one used last comes last
}

type keptLesson struct {
	key string
	*rules.Lesson
}

const keptLessons = 8

func lessonOf(key string, priorities []rules.Priority, examples []triage.Example) *rules.Lesson {
	lessons.Lock()
	defer lessons.Unlock()
	if i := slices.IndexFunc(lessons.list, func(k keptLesson) bool { return k.key == key }); i >= 0 {
		k := lessons.list[i]
		lessons.list = append(slices.Delete(lessons.list, i, i+1), k)
		return k.Lesson
	}
	var names []string
	for _, pr := range priorities {
		names = append(names, pr.Name)
	}
	lesson := &rules.Lesson{
		Examples: examples,
		Model:    sync.OnceValue(func() *triage.Model { return triage.Learn(names, examples) }),
		Trials:   sync.OnceValue(func() []triage.Trial { return triage.Validate(names, examples) }),
	}
	if len(lessons.list) == keptLessons {
		lessons.list = slices.Delete(lessons.list, 0, 1)
	}
	lessons.list = append(lessons.list, keptLesson{key, lesson})
	return lesson
}
