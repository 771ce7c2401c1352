/* Files of a system below a root of its own, as that system sees them. */
#ifndef SOCKFIX_UNIT_INSIDE_H
#define SOCKFIX_UNIT_INSIDE_H

/* The path of `file` from here, to be freed: links in it are followed as after chroot(2), so none
 * leads out of the root; what is not there stays as it is written. Links without an end: a path
 * that cannot be. root "": the file itself. */
char *inside(const char *root, const char *file);
/* The same, but its last name, if that is a link, stays the link. */
char *inside_link(const char *root, const char *file);

#endif
