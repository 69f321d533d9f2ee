package slack

import (
	"encoding/json"
	"errors"
	"fmt"

	"vigie/connectors/sandbox/stage"
)

// Home is the view, as JSON, that a person's home shows; nil if nothing was published.
func (s *Workspace) Home(who string) json.RawMessage {
	return s.look(who, (*State).home)
}

// Modal is the view, as JSON, that a person has open before him; nil if none is.
func (s *Workspace) Modal(who string) json.RawMessage {
	return s.look(who, (*State).modal)
}

func (s *Workspace) look(who string, of func(*State, string) *view) json.RawMessage {
	s.Lock()
	defer s.Unlock()
	if u, err := s.state.person(who); err == nil {
		if v := of(&s.state, u.ID); v != nil {
			return stage.JSON(v.Body)
		}
	}
	return nil
}

// ModalErrors are what the app said against a person's submission, by block_id; nil
// if nothing.
func (s *Workspace) ModalErrors(who string) map[string]string {
	s.Lock()
	defer s.Unlock()
	if u, err := s.state.person(who); err == nil {
		if v := s.state.modal(u.ID); v != nil {
			return v.Errors
		}
	}
	return nil
}

// ClickHome is Click in a person's home.
func (s *Workspace) ClickHome(who, actionID, value string) error {
	return s.inView(who, (*State).home, func(blocks json.RawMessage) (object, error) { return press(blocks, actionID, value) })
}

// ChooseHome is Choose in a person's home.
func (s *Workspace) ChooseHome(who, actionID, value string) error {
	return s.inView(who, (*State).home, func(blocks json.RawMessage) (object, error) { return choose(blocks, actionID, value) })
}

// ClickModal is Click in the modal that a person has open.
func (s *Workspace) ClickModal(who, actionID, value string) error {
	return s.inView(who, (*State).modal, func(blocks json.RawMessage) (object, error) { return press(blocks, actionID, value) })
}

func (s *Workspace) inView(who string, of func(*State, string) *view, pick func(json.RawMessage) (object, error)) error {
	return s.onView(who, of, func(u *user, v *view) (*delivery, error) {
		action, err := pick(v.Body["blocks"])
		if err != nil {
			return nil, err
		}
		payload := s.actions(u, action)
		payload["container"], payload["view"] = object{"type": "view", "view_id": v.ID}, v.shown()
		return s.tell(anInteraction, payload, reply{User: u.ID}), nil
	})
}

// Submit has a person fill in the modal that he has open, with values by action_id,
// and send it. What the app answers decides what becomes of it.
func (s *Workspace) Submit(who string, values map[string]string) error {
	return s.onView(who, (*State).modal, func(u *user, v *view) (*delivery, error) {
		state, err := filled(v.Body["blocks"], values)
		if err != nil {
			return nil, err
		}
		shown := v.shown()
		shown["state"] = object{"values": state}
		payload := s.interaction("view_submission", u)
		payload["view"], payload["response_urls"] = shown, []object{}
		return s.tell(anInteraction, payload, reply{User: u.ID, View: v.ID}), nil
	})
}

// filled is the state of a view's inputs; an input that isn't optional must be filled.
func filled(blocks json.RawMessage, values map[string]string) (object, error) {
	state, left := object{}, len(values)
	for _, e := range elements(blocks) {
		id := e.object["action_id"].(string)
		value, given := values[id]
		if !given {
			if e.Must {
				return nil, fmt.Errorf("the input %s must be filled", id)
			}
			continue
		}
		left--
		field := object{"type": e.object["type"]}
		switch option := e.option(value); {
		case option != nil:
			field["selected_option"] = option
		case e.object["type"] == "plain_text_input":
			field["value"] = value
		default:
			return nil, fmt.Errorf("the input %s doesn't take %q", id, value)
		}
		block, _ := state[e.Block].(object)
		if block == nil {
			block = object{}
		}
		block[id] = field
		state[e.Block] = block
	}
	if left > 0 {
		return nil, errors.New("the modal has not all of these inputs")
	}
	return state, nil
}

// onView has a person act in a view that is before him.
func (s *Workspace) onView(who string, of func(*State, string) *view, act func(u *user, v *view) (*delivery, error)) (err error) {
	var d *delivery
	s.Do(func() {
		var u *user
		if u, err = s.state.person(who); err != nil {
			return
		}
		v := of(&s.state, u.ID)
		if v == nil {
			err = errors.New(u.Name + " has no such view before him")
			return
		}
		d, err = act(u, v)
	})
	if err != nil {
		return err
	}
	return s.hand(d)
}
