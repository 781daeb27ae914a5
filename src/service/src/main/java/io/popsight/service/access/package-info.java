/**
 * Who may call what: keys, their roles, and one list that says of every route and gRPC method what
 * it needs and is measured as. Start at {@link io.popsight.service.access.Access}.
 */
@NullMarked
package io.popsight.service.access;

import org.jspecify.annotations.NullMarked;
