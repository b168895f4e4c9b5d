//! `object[name]`: V8 does it several times faster than `Reflect.get` and `Reflect.set`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object's properties by name.
    #[wasm_bindgen(extends = Object)]
    pub type Properties;

    /// The value of a property, `undefined` where there is none. A getter or a proxy may throw.
    #[wasm_bindgen(method, indexing_getter, catch)]
    pub fn get(this: &Properties, name: &JsValue) -> Result<JsValue, JsValue>;

    /// Sets a property of an object that we made ourselves.
    #[wasm_bindgen(method, indexing_setter)]
    pub fn set(this: &Properties, name: &JsValue, value: &JsValue);
}
