package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// element is something in blocks that people act on.
type element struct {
	Block string // block_id; Slack makes one up where the app gave none
	Must  bool   // an input that isn't optional
	object
}

// elements are those of blocks, in order, wherever they stand in them: beside a
// section, in a row of actions, in a table's cells.
func elements(blocks json.RawMessage) (list []element) {
	var all []object
	if json.Unmarshal(blocks, &all) != nil {
		return nil
	}
	for n, block := range all {
		id, _ := block["block_id"].(string)
		if id == "" {
			id = fmt.Sprintf("sandbox%d", n)
		}
		walk(block, func(o object) {
			if _, acts := o["action_id"].(string); acts {
				list = append(list, element{id, block["type"] == "input" && block["optional"] != true, o})
			}
		})
	}
	return list
}

// walk calls f with every object in v, in an order that is always the same.
func walk(v any, f func(object)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			walk(e, f)
		}
	case object:
		f(v)
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walk(v[k], f)
		}
	}
}

// press is the action of a button, named by its action_id and, if several have that,
// its value.
func press(blocks json.RawMessage, actionID, value string) (object, error) {
	for _, e := range elements(blocks) {
		if e.object["action_id"] == actionID && e.object["type"] == "button" && (value == "" || e.object["value"] == value) {
			return e.action("text", "value", "style"), nil
		}
	}
	return nil, fmt.Errorf("there is no button %s %s", actionID, value)
}

// choose is the action of a menu whose option with that value is chosen.
func choose(blocks json.RawMessage, actionID, value string) (object, error) {
	for _, e := range elements(blocks) {
		if e.object["action_id"] != actionID {
			continue
		}
		if option := e.option(value); option != nil {
			a := e.action("placeholder", "initial_option")
			a["selected_option"] = option
			return a, nil
		}
	}
	return nil, fmt.Errorf("there is no menu %s with an option %s", actionID, value)
}

// action is the element as an interaction's payload has it, with some of its fields.
func (e element) action(fields ...string) object {
	a := object{"type": e.object["type"], "action_id": e.object["action_id"], "block_id": e.Block}
	for _, f := range fields {
		if v, ok := e.object[f]; ok {
			a[f] = v
		}
	}
	return a
}

// option is the option with a value of an overflow menu or a static_select; nil if the
// element isn't one or has none.
func (e element) option(value string) any {
	if !slices.Contains([]any{"overflow", "static_select", "radio_buttons"}, e.object["type"]) {
		return nil
	}
	options, _ := e.object["options"].([]any)
	groups, _ := e.object["option_groups"].([]any)
	for _, g := range groups {
		if g, ok := g.(object); ok {
			more, _ := g["options"].([]any)
			options = append(options, more...)
		}
	}
	for _, o := range options {
		if o, ok := o.(object); ok && o["value"] == value {
			return o
		}
	}
	return nil
}
