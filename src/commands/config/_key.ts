// The argument that names a setting.

/** Such as gateway.port. */
export const settingKey = {
  type: "positional",
  required: true,
  valueHint: "KEY",
  description: "the setting, such as gateway.port",
} as const;
