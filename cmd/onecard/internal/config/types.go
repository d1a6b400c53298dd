package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// checkTypes holds what the file says against the type of like: no key that it lacks, no value of another type. The
// decoder alone would not say which key is meant.
func checkTypes(tree map[string]any, like any) []fault {
	return checkTable(tree, reflect.TypeOf(like), "")
}

func checkTable(tree map[string]any, t reflect.Type, table string) []fault {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("toml"), ","); tag != "-" {
			fields[tag] = f.Type
		}
	}
	var faults []fault
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		key := strings.TrimPrefix(table+"."+name, ".")
		if want, known := fields[name]; known {
			faults = append(faults, checkValue(tree[name], want, key)...)
			continue
		}
		known := slices.Sorted(maps.Keys(fields))
		faults = append(faults, fault{key: key, says: "is not a setting; there are " + strings.Join(known, ", ")})
	}
	return faults
}

func checkValue(value any, want reflect.Type, key string) []fault {
	if want == reflect.TypeFor[time.Duration]() {
		return checkDuration(value, key)
	}
	ok, name := false, ""
	switch want.Kind() { //nolint:exhaustive // settings are of these kinds only, as the sample's test shows
	case reflect.Struct:
		if table, isTable := value.(map[string]any); isTable {
			return checkTable(table, want, key)
		}
		name = "a table [" + key + "]"
	case reflect.Slice:
		if want.Elem().Kind() == reflect.String {
			return checkTexts(value, key)
		}
		if tables, isTables := value.([]map[string]any); isTables {
			return checkTables(tables, want.Elem(), key)
		}
		name = "tables [[" + key + "]]"
	case reflect.String:
		_, ok = value.(string)
		name = "a text in quotation marks"
	case reflect.Int:
		_, ok = value.(int64)
		name = "a whole number"
	case reflect.Bool:
		_, ok = value.(bool)
		name = "true or false"
	case reflect.Float64:
		_, whole := value.(int64)
		_, ok = value.(float64)
		ok = ok || whole
		name = "a number"
	}
	if !ok {
		return []fault{{key: key, says: "must be " + name}}
	}
	return nil
}

func checkTexts(value any, key string) []fault {
	list, ok := value.([]any)
	for _, v := range list {
		_, text := v.(string)
		ok = ok && text
	}
	if !ok {
		return []fault{{key: key, says: `must be a list of texts, such as ["one", "two"]`}}
	}
	return nil
}

func checkTables(tables []map[string]any, t reflect.Type, key string) []fault {
	var faults []fault
	for n, table := range tables {
		faults = append(faults, checkTable(table, t, fmt.Sprintf("%s[%d]", key, n+1))...)
	}
	return faults
}

// checkDuration refuses bare numbers, which the decoder would take for nanoseconds.
func checkDuration(value any, key string) []fault {
	text, ok := value.(string)
	if ok {
		_, err := time.ParseDuration(text)
		ok = err == nil
	}
	if !ok {
		return []fault{{key: key, says: `must be a time with its unit, such as "2s", "10m" or "48h"`}}
	}
	return nil
}
