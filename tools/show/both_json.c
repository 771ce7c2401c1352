/* Both ends as JSON: the same verdict, parts and findings as the screen's, minor ones included, and
 * each connection. The schema is both.schema.json. */
#include <jansson.h>

#include "tools/base/ip_text.h"
#include "tools/show/both.h"
#include "tools/show/json_values.h"

#define BOTH_VERSION 1

static json_t *parts_object(const struct both_sum *sum)
{
	json_t *object = json_object();

	for (int part = 0; part < BOTH_PARTS; part++)
		json_object_set_new(object, both_part_key(part), number(sum->part[part]));
	return object;
}

static json_t *sum_object(const struct both_sum *sum)
{
	return json_pack("{s:o,s:o,s:o,s:o}", "turns", number(sum->turns), "turns_not_split",
		number(sum->not_split), "took_ns", number(sum->took), "parts_ns",
		parts_object(sum));
}

static json_t *end_object(const struct both_report *report, enum both_side side)
{
	const struct run *run = report->both->run[side];
	const struct findings *alone = report->alone[side]->findings;
	json_t *list = json_array();

	for (size_t i = 0; i < alone->count; i++)
		json_array_append_new(list,
			json_pack("{s:o,s:s,s:b,s:o,s:o}", "code",
				text(alone->finding[i].code->name), "sure",
				sure_name(alone->finding[i].sure), "minor", alone->finding[i].minor,
				"low_ns", number(alone->finding[i].lost_low), "high_ns",
				number(alone->finding[i].lost_high)));
	return json_pack("{s:o,s:o,s:o,s:b,s:o}", "run", text(run->name), "command",
		text(run->command), "connections", number(report->both->known[side]), "whole",
		run_is_whole(run), "alone", list);
}

static json_t *finding_object(const struct both *both, const struct both_finding *finding)
{
	const struct both_service *service = &both->service[finding->service];
	char place[IP_TEXT_ENDPOINT];

	ip_text_endpoint(place, service->first->peer, service->first->peer_port);
	return json_pack("{s:o,s:s,s:o,s:s,s:s,s:o,s:o,s:o,s:b,s:b,s:o,s:o}", "code",
		text(finding->code->name), "end", both_side_name(finding->end), "service",
		text(place), "sure", sure_name(finding->sure), "fix", fix_name(finding->fix),
		"lost_ns", number(finding->lost), "hits", number(finding->hits), "of",
		number(finding->of), "minor", finding->minor, "same_wait", finding->again, "what",
		text(finding->what), "set", text(finding->set));
}

static json_t *findings_list(const struct both *both)
{
	json_t *list = json_array();

	for (size_t i = 0; i < both->findings; i++)
		json_array_append_new(list, finding_object(both, &both->finding[i]));
	return list;
}

static json_t *connections_list(const struct both *both)
{
	json_t *list = json_array();

	for (size_t i = 0; i < both->pairs; i++) {
		const struct both_pair *pair = &both->pair[i];
		const struct trace_connection *client = pair->member[BOTH_CLIENT]->connection;
		char from[IP_TEXT_ENDPOINT], to[IP_TEXT_ENDPOINT];
		json_t *object = sum_object(&pair->sum);

		ip_text_endpoint(from, client->local, client->local_port);
		ip_text_endpoint(to, client->peer, client->peer_port);
		json_object_set_new(object, "client", text(from));
		json_object_set_new(object, "server", text(to));
		json_object_set_new(object, "not_split",
			pair->why ? text(both_why_text(pair->why)) : json_null());
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *clocks_object(const struct both_clocks *clocks)
{
	if (!clocks->known)
		return json_null();
	return json_pack("{s:I,s:o,s:b}", "server_ahead_ns", (json_int_t)clocks->ahead,
		"give_or_take_ns", number(clocks->give), "steady", clocks->steady);
}

bool both_print_json(FILE *out, const struct both_report *report)
{
	const struct both *both = report->both;
	json_t *root = json_pack("{s:s,s:i,s:s,s:s,s:b,s:b,s:o,s:o,s:o,s:o}", "format",
		"sockfix-both", "version", BOTH_VERSION, "sockfix", SOCKFIX_VERSION, "verdict",
		verdict_name(both->word), "translated", both->translated, "client_is_second",
		both->swapped, "unsure", number(both->unsure), "other_way", number(both->other_way),
		"lost_ns", number(both->lost), "clocks", clocks_object(&both->clocks));
	bool fine;

	if (!root)
		return false;
	json_object_set_new(root, "client", end_object(report, BOTH_CLIENT));
	json_object_set_new(root, "server", end_object(report, BOTH_SERVER));
	json_object_set_new(root, "all", sum_object(&both->sum));
	json_object_set_new(root, "findings", findings_list(both));
	json_object_set_new(root, "connections", connections_list(both));
	fine = json_dumpf(root, out, JSON_INDENT(2)) == 0 && fputc('\n', out) != EOF;
	json_decref(root);
	return fine;
}
