/* Views of the report as JSON: calls, connections and the timeline. What the text marks as a lower
 * bound has its own numbers here; what was not asked is null. */
#include "tools/show/json_views.h"

#include <stdlib.h>

#include "tools/find/timeline.h"
#include "tools/fold/said.h"
#include "tools/show/json_values.h"
#include "tools/fold/called.h"

/* Of a whole run, whatever the screen is. */
enum { SLICES = 100 };

static json_t *known(int64_t value, int64_t unit)
{
	return value < 0 ? json_null() : json_integer(value * unit);
}

/* ---- calls ---- */

static json_t *calls_list(const struct called *called)
{
	json_t *list = json_array();

	for (size_t i = 0; i < called->rows; i++) {
		const struct called_row *row = &called->row[i];
		json_array_append_new(list,
			json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:o}", "call", call_name(row->call),
				"file", row->file, "calls", number(row->calls), "timed",
				number(row->timed), "errors", number(row->failed), "ns",
				number(row->ns), "bytes",
				call_moves_bytes(row->call) ? number(row->bytes) : json_null()));
	}
	return list;
}

static json_t *beyond_object(
	const struct trace_connection *connection, const struct called *called, bool writes)
{
	const struct beyond_timed beyond = calls_beyond(connection, called, writes);

	return json_pack("{s:o,s:o}", "calls", number(beyond.calls), "bytes", number(beyond.bytes));
}

/* ---- connections ---- */

static json_t *connection_object(const struct fold *fold, const struct flow_fold *flow)
{
	static const char *const role[] = {"", "client", "server", "listener", "unknown"};
	const struct kernel_said said = kernel_said(flow->connection);

	return json_pack("{s:o,s:i,s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "peer",
		text(fold->endpoint[flow->endpoint].text), "process", flow->process->header.pid,
		"number", (int)flow->connection->number, "role", role[flow->connection->role],
		"busy_ns", known(said.busy_us, 1000), "rwnd_limited_ns",
		known(said.rwnd_limited_us, 1000), "sndbuf_limited_ns",
		known(said.sndbuf_limited_us, 1000), "queued_bytes", known(said.queued, 1),
		"notsent_bytes", known(said.notsent, 1), "unacked_segments",
		known(said.unacked, 1));
}

static json_t *connections_list(const struct report *report, const struct called *part)
{
	const struct fold *fold = report->fold;
	json_t *list = json_array();

	for (size_t f = 0; f < fold->flows; f++) {
		const struct flow_fold *flow = &fold->flow[f];
		json_t *object = connection_object(fold, flow);
		if (part) {
			json_object_set_new(object, "calls", calls_list(&part[f]));
			json_object_set_new(object, "writes_only_counted",
				beyond_object(flow->connection, &part[f], true));
			json_object_set_new(object, "reads_only_counted",
				beyond_object(flow->connection, &part[f], false));
		}
		json_array_append_new(list, object);
	}
	return list;
}

static void add_calls(json_t *root, const struct report *report)
{
	json_t *calls = json_object();
	struct called_parts parts;
	struct called all;

	called_take(report->run, &all);
	json_object_set_new(calls, "run", calls_list(&all));
	called_free(&all);
	if (report->all) {
		called_part(report->fold, &parts);
		json_object_set_new(root, "connections", connections_list(report, parts.flow));
		json_object_set_new(calls, "no_connection", calls_list(&parts.none));
		json_object_set_new(calls, "only_counted", calls_list(&parts.untold));
		called_parts_free(report->fold, &parts);
	}
	json_object_set_new(root, "calls", calls);
}

/* ---- the timeline ---- */

static json_t *slice_object(const struct slice *slice)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b}", "stalled", number(slice->ns[SLICE_STALLED]),
		"thinking", number(slice->ns[SLICE_PEER]), "other", number(slice->ns[SLICE_OTHER]),
		"program", number(slice->ns[SLICE_PROGRAM]), "unseen",
		number(slice->ns[SLICE_UNSEEN]), "full", slice->full);
}

static json_t *lost_list(const struct report *report)
{
	const struct fold *fold = report->fold;
	const uint64_t began = fold->run->began;
	json_t *list = json_array();
	size_t count;
	struct lost *lost = timeline_lost(fold, report->findings, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "code", lost[i].code->name, "peer",
				text(lost[i].endpoint < fold->endpoints
						? fold->endpoint[lost[i].endpoint].text
						: NULL),
				"from_ns", number(lost[i].begin - began), "to_ns",
				number(lost[i].end - began), "lost_ns", number(lost[i].ns), "times",
				number(lost[i].times)));
	free(lost);
	return list;
}

static json_t *timeline_object(const struct report *report)
{
	struct timeline timeline;
	json_t *slices = json_array();

	timeline_take(&timeline, report->fold, report->findings, SLICES);
	for (size_t i = 0; i < timeline.slices; i++)
		json_array_append_new(slices, slice_object(&timeline.slice[i]));
	timeline_free(&timeline);
	return json_pack("{s:o,s:o}", "slices_ns", slices, "lost", lost_list(report));
}

void json_views_add(json_t *root, const struct report *report)
{
	if (report->calls)
		add_calls(root, report);
	else if (report->all)
		json_object_set_new(root, "connections", connections_list(report, NULL));
	if (report->timeline)
		json_object_set_new(root, "timeline", timeline_object(report));
}
