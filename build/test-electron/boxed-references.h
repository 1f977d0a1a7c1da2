// Lets an addon written for Node-API 10 run on Node-API 8, which refuses references to primitives: a primitive is put
// into a tagged object of our own before it is referenced, and taken out of it again.
#ifndef BOXED_REFERENCES_H
#define BOXED_REFERENCES_H
#include <node_api.h>

static const napi_type_tag boxed_tag = {0x6f70747261646562ULL, 0x6f78656470726d31ULL};
static const char boxed_key[] = "value";

static inline bool boxed_is_primitive(napi_env env, napi_value value) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok) return false;
  return type != napi_object && type != napi_function && type != napi_external;
}

static inline napi_status boxed_create_reference(napi_env env, napi_value value, uint32_t count, napi_ref *result) {
  if (!boxed_is_primitive(env, value)) return napi_create_reference(env, value, count, result);
  napi_value box;
  napi_status status = napi_create_object(env, &box);
  if (status == napi_ok) status = napi_type_tag_object(env, box, &boxed_tag);
  if (status == napi_ok) status = napi_set_named_property(env, box, boxed_key, value);
  if (status == napi_ok) status = napi_create_reference(env, box, count, result);
  return status;
}

static inline napi_status boxed_get_reference_value(napi_env env, napi_ref ref, napi_value *result) {
  napi_status status = napi_get_reference_value(env, ref, result);
  if (status != napi_ok || *result == nullptr) return status;
  bool boxed = false;
  if (napi_check_object_type_tag(env, *result, &boxed_tag, &boxed) != napi_ok || !boxed) return napi_ok;
  return napi_get_named_property(env, *result, boxed_key, result);
}

#define napi_create_reference boxed_create_reference
#define napi_get_reference_value boxed_get_reference_value
#endif
