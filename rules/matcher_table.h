/* The one table of matchers: what a rule may ask of a flow.
 *
 * MATCHER(ID, name, kind, field, subject, also, whole, example, meaning)
 *   kind     how its items are written, sent and compared: see enum matcher_kind
 *   field    of struct match, with the items; its type is the kind's
 *   subject  of struct subject, which these are held against; also: another one, which will do, too
 *   whole    the text is one item, commas and all; else it is a list
 *   example, meaning  for people: `sockfix list matchers`
 * Adding a matcher is adding a row here, its field to the two structs, and in
 * shim/settle/subject.c what the process knows of it, and in tools/cmd/which.c a flag for it. The
 * order is the order of `sockfix which`. This file has no include guard on purpose: it is read once
 * for each use of the table. */
MATCHER(PROGRAM, "program", GLOBS, program, program, argv0, false, "\"python3*\"",
	"the executable's file name, or argv[0]'s; a glob (* ? [abc])")
MATCHER(SCRIPT, "script", GLOBS, script, script, script, false, "\"import.py\"",
	"what an interpreter runs: a script, a -m module, a -jar file")
MATCHER(ARGS, "args", GLOBS, args, args, args, true, "\"*-jar *bridge.jar*\"",
	"the arguments, joined by single spaces; a glob")
MATCHER(ROLE, "role", ROLE, role, role, role, true, "\"client\"",
	"client, server (listeners, too), or any: then a rule may have no other matcher")
MATCHER(PEER, "peer", NETWORKS, peer, peer, peer, false, "\"10.0.0.0/8, ::1\"",
	"the other side's address or network; no names")
MATCHER(PORT, "port", PORTS, port, port, port, false, "\"143,8000-8100\"",
	"the service's port: the peer's for a client, the own one for a server; 143 alone needs no "
	"quotes")
MATCHER(LOCAL_PORT, "local_port", PORTS, local_port, local_port, local_port, false, "8080",
	"the own port, whatever the role")
MATCHER(PEER_PORT, "peer_port", PORTS, peer_port, peer_port, peer_port, false, "443",
	"the other side's port, whatever the role")
MATCHER(USER, "user", USERS, user, uid, uid, false, "\"www-data\"",
	"the user that the program runs as: a name or a number")
