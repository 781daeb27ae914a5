/**
 * What a person opens in a browser: the playground at {@code /} and the API's documents. Both are
 * files among the resources; nothing here detects anything.
 */
@NullMarked
package io.popsight.service.page;

import org.jspecify.annotations.NullMarked;
