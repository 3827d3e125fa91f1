/* SPDX-License-Identifier: Apache-2.0 */
/* XML text into a tree. An element is an object: its child elements and, as "@name", its attributes
 * are members, by local name; its text is the object's own. Child elements of one name are one
 * member, an array. Text beside child elements is no data: it spoils the row. */
#ifndef ADAPT_XML_TREE_H
#define ADAPT_XML_TREE_H

#include "adapt/node.h"
#include "base/err.h"

/* The encoding that the XML declaration at the very beginning names, or SPAN_NONE. bytes may be of
 * any encoding that writes ASCII as ASCII. */
struct span xml_declared_encoding(struct span bytes);

/* text is valid UTF-8, whatever its declaration says, and must outlive the tree. *out is an object
 * around the root element. Nothing outside the text is ever read, and no entity beyond the five is
 * known: a DOCTYPE is refused. ERR_SYNTAX with *problem set when it is no XML, nested deeper than
 * depth_max, or holds too many elements; ERR_NOMEM. */
MUST_CHECK enum err xml_tree(struct span text, unsigned depth_max, struct arena *arena,
                             struct node **out, struct problem *problem);

#endif
