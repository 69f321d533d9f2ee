package print

import (
	"encoding/json"
	"io"
)

// JSON writes a value as a line of JSON, with < and > as they are.
func JSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
