/* Stand-ins for the half of libpcap that looks for devices and captures from them. Its archive
 * drags in D-Bus, Bluetooth, USB, netfilter and the resolver, none of which is there to be linked
 * statically; here files are read and nothing is captured. The linker takes a name that is here and
 * so never opens those members. None of them is ever called: a file has no device and no filter.
 *
 * The names are those that libpcap's pcap.c and savefile.c refer to (1.9 to 1.10). One too many
 * does no harm, one too few is an error of the linker, and the probe in the Makefile then does
 * without libpcap where it links statically. */
#ifdef SOCKFIX_LIBPCAP
#include <pcap/pcap.h>

#define CREATES(name)                                                                              \
	pcap_t *name##_create(const char *device, char *why, int *ours);                           \
	pcap_t *name##_create(const char *device, char *why, int *ours)                            \
	{                                                                                          \
		(void)device;                                                                      \
		(void)why;                                                                         \
		*ours = 0;                                                                         \
		return NULL;                                                                       \
	}
#define FINDS(name)                                                                                \
	int name##_findalldevs(void *list, char *why);                                             \
	int name##_findalldevs(void *list, char *why)                                              \
	{                                                                                          \
		(void)list;                                                                        \
		(void)why;                                                                         \
		return 0;                                                                          \
	}
#define DEVICES(name) CREATES(name) FINDS(name)

DEVICES(bt)
DEVICES(bt_monitor)
DEVICES(dbus)
DEVICES(netfilter)
DEVICES(rdmasniff)
DEVICES(usb)

/* Filters are compiled by the module that knows the resolver. From 1.10.5 on they are called
 * pcapint_. */
#define INSIDE(prefix)                                                                             \
	pcap_t *prefix##create_interface(const char *device, char *why);                           \
	pcap_t *prefix##create_interface(const char *device, char *why)                            \
	{                                                                                          \
		(void)device;                                                                      \
		(void)why;                                                                         \
		return NULL;                                                                       \
	}                                                                                          \
	int prefix##platform_finddevs(void *list, char *why);                                      \
	int prefix##platform_finddevs(void *list, char *why)                                       \
	{                                                                                          \
		(void)list;                                                                        \
		(void)why;                                                                         \
		return -1;                                                                         \
	}
#define FILTERS(name)                                                                              \
	int name(pcap_t *pcap, struct bpf_program *program);                                       \
	int name(pcap_t *pcap, struct bpf_program *program)                                        \
	{                                                                                          \
		(void)pcap;                                                                        \
		(void)program;                                                                     \
		return -1;                                                                         \
	}

INSIDE(pcap_)
INSIDE(pcapint_)
FILTERS(install_bpf_program)
FILTERS(pcapint_install_bpf_program)

void pcap_freecode(struct bpf_program *program)
{
	(void)program;
}
#endif
