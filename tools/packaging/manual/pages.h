/* The pages and completions, each made from the tables of the command. They print to stdout. */
#ifndef SOCKFIX_PAGES_H
#define SOCKFIX_PAGES_H

void page_command(void);  /* sockfix(1) */
void page_rules(void);	  /* sockfix-rules(5) */
void page_findings(void); /* sockfix-findings(7) */
void page_library(void);  /* libsockfix(8) */

void complete_bash(void);
void complete_zsh(void);
void complete_fish(void);

#endif
