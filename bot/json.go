package main

import (
	"encoding/json"
	"io"
)

// toJSON writes a value as a line of JSON, with < and > as they are.
func toJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
