package conformance

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// oddity is what a check itself has found wrong, in the report's two languages.
type oddity struct{ Words }

// Error returns the English words.
func (o oddity) Error() string { return o.EN }

// odd is an oddity; both texts are formats of the same values.
func odd(zh, en string, values ...any) error {
	return oddity{Words{fmt.Sprintf(zh, values...), fmt.Sprintf(en, values...)}}
}

// clean is the text of an error on one line.
func clean(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// found tells an error to the partner. What its server said is passed on in the server's words.
func found(err error) Words {
	var o oddity
	switch {
	case errors.As(err, &o):
		return o.Words
	case errors.Is(err, os.ErrNotExist):
		return Words{"文件不存在（" + clean(err) + "）", clean(err)}
	case errors.Is(err, os.ErrPermission):
		return Words{"没有权限（" + clean(err) + "）", clean(err)}
	default:
		return Words{"服务器或连接报错（" + clean(err) + "）", clean(err)}
	}
}

// failed is a check that ended with an error, after the words that lead to it.
func failed(lead Words, err error) verdict {
	f := found(err)
	return fail(lead.ZH+f.ZH, lead.EN+f.EN)
}
